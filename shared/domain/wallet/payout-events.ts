import { z } from 'zod';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import type { PayoutStatus } from './payout.model.ts';
import { PAYEE_TYPES } from './payout-account.model.ts';

const PayoutFacts = z.object({
  payoutId: idOf('payout'),
  payeeType: z.enum(PAYEE_TYPES),
  payeeId: idOf<string>('payee'),
  /** The person behind the payee. */
  userId: idOf('user'),
  amountMinor: z.int(),
  currency: z.string(),
});
const about = {
  topic: 'wallet',
  data: PayoutFacts,
  subject: ['payout', 'payoutId'],
  orderedBy: 'payeeId',
} as const;

export const PayoutRequested = event({ ...about, type: 'payout.requested' });
export const PayoutHeld = event({ ...about, type: 'payout.held' });
/** It may be sent. */
export const PayoutApproved = event({ ...about, type: 'payout.approved' });
export const PayoutPaid = event({ ...about, type: 'payout.paid' });
/** It did not arrive; the money is available again. */
export const PayoutFailed = event({ ...about, type: 'payout.failed' });
/** It had arrived, and the bank sent it back; the money is available again. */
export const PayoutReturned = event({ ...about, type: 'payout.returned' });
export const PayoutCancelled = event({ ...about, type: 'payout.cancelled' });

/** Everything that is told of payouts. */
export const PAYOUT_EVENTS = [
  ...([PayoutRequested, PayoutHeld, PayoutApproved, PayoutPaid] as const),
  ...([PayoutFailed, PayoutReturned, PayoutCancelled] as const),
] as const;

/** The event of each state that a payout can come to. That it is asked for is told when it begins. */
export const PAYOUT_EVENT_OF: Readonly<
  Partial<Record<PayoutStatus, EventType<`payout.${string}`, typeof PayoutFacts>>>
> = {
  held: PayoutHeld,
  approved: PayoutApproved,
  paid: PayoutPaid,
  failed: PayoutFailed,
  returned: PayoutReturned,
  cancelled: PayoutCancelled,
};
