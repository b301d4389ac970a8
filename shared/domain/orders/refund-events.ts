import { z } from 'zod';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { REFUND_STATUSES, type RefundStatus } from './refund.model.ts';

const RefundFacts = z.object({
  refundId: idOf('refund'),
  orderId: idOf('order'),
  buyerId: idOf('user'),
  shopId: idOf('shop'),
  status: z.enum(REFUND_STATUSES),
  amountMinor: z.int(),
  currency: z.string(),
});
const about = {
  topic: 'payment',
  data: RefundFacts,
  subject: ['refund', 'refundId'],
  orderedBy: 'orderId',
} as const;

/** It is counted and will be sent; also told of one that failed and is sent once more. */
export const RefundRequested = event({ ...about, type: 'refund.requested' });
/** The money is back with the buyer, and the books say so. */
export const RefundSucceeded = event({ ...about, type: 'refund.succeeded' });
/** The provider refused; it is tried again, or waits for a person when its status is `manual`. */
export const RefundFailed = event({ ...about, type: 'refund.failed' });
/** Nothing is sent; all that it had taken is given back. */
export const RefundCancelled = event({ ...about, type: 'refund.cancelled' });
/** The buyer's bank sent it back; it is in the buyer's wallet now. */
export const RefundReturned = event({ ...about, type: 'refund.returned' });

/** Everything that is told of refunds. */
export const REFUND_EVENTS = [
  ...([RefundRequested, RefundSucceeded, RefundFailed] as const),
  ...([RefundCancelled, RefundReturned] as const),
] as const;

/** The event of each state a refund can come to; asking the provider is nobody else's business. */
export const REFUND_EVENT_OF: Readonly<
  Partial<Record<RefundStatus, EventType<`refund.${string}`, typeof RefundFacts>>>
> = {
  pending: RefundRequested,
  succeeded: RefundSucceeded,
  failed: RefundFailed,
  manual: RefundFailed,
  cancelled: RefundCancelled,
  returned: RefundReturned,
};
