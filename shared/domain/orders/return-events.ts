import { z } from 'zod';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { RETURN_STATUSES, type ReturnStatus } from './return.model.ts';

const ReturnFacts = z.object({
  returnId: idOf('return'),
  orderId: idOf('order'),
  buyerId: idOf('user'),
  shopId: idOf('shop'),
  sellerId: idOf('user'),
  status: z.enum(RETURN_STATUSES),
});
const about = {
  topic: 'order',
  data: ReturnFacts,
  subject: ['return', 'returnId'],
  orderedBy: 'orderId',
} as const;

export const ReturnRequested = event({ ...about, type: 'return.requested' });
export const ReturnApproved = event({ ...about, type: 'return.approved' });
export const ReturnRejected = event({ ...about, type: 'return.rejected' });
/** Staff decides. */
export const ReturnEscalated = event({ ...about, type: 'return.escalated' });
/** The buyer has sent it; its carrier has not said so yet. */
export const ReturnShipped = event({ ...about, type: 'return.shipped' });
export const ReturnInTransit = event({ ...about, type: 'return.in_transit' });
export const ReturnReceived = event({ ...about, type: 'return.received' });
export const ReturnResolved = event({ ...about, type: 'return.resolved' });
export const ReturnWithdrawn = event({ ...about, type: 'return.withdrawn' });
export const ReturnExpired = event({ ...about, type: 'return.expired' });
/** Something of it has changed besides its state: an offer, a statement. */
export const ReturnUpdated = event({ ...about, type: 'return.updated' });

/** Everything that is told of returns. */
export const RETURN_EVENTS = [
  ...([ReturnRequested, ReturnApproved, ReturnRejected, ReturnEscalated] as const),
  ...([ReturnShipped, ReturnInTransit, ReturnReceived, ReturnResolved] as const),
  ...([ReturnWithdrawn, ReturnExpired, ReturnUpdated] as const),
] as const;

/** The event of each state that a return can come to. */
export const RETURN_EVENT_OF: Readonly<
  Record<ReturnStatus, EventType<`return.${string}`, typeof ReturnFacts>>
> = {
  requested: ReturnRequested,
  approved: ReturnApproved,
  rejected: ReturnRejected,
  escalated: ReturnEscalated,
  awaiting_parcel: ReturnShipped,
  in_transit: ReturnInTransit,
  received: ReturnReceived,
  resolved: ReturnResolved,
  withdrawn: ReturnWithdrawn,
  expired: ReturnExpired,
};
