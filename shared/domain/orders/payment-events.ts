import { z } from 'zod';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { type Payment, type PaymentStatus, PROVIDERS, PURPOSES } from './payment.model.ts';

const PaymentFacts = z.object({
  paymentId: idOf('payment'),
  payerId: idOf('user'),
  purpose: z.enum(PURPOSES),
});
const about = {
  topic: 'payment',
  data: PaymentFacts,
  subject: ['payment', 'paymentId'],
  orderedBy: 'paymentId',
} as const;

export const PaymentStarted = event({ ...about, type: 'payment.started' });
export const PaymentNeedsAction = event({ ...about, type: 'payment.requires_action' });
export const PaymentAuthorized = event({ ...about, type: 'payment.authorized' });
/** The money is ours to hold; it is in the ledger. */
export const PaymentCaptured = event({ ...about, type: 'payment.captured' });
export const PaymentFailed = event({ ...about, type: 'payment.failed' });
export const PaymentCancelled = event({ ...about, type: 'payment.cancelled' });
export const PaymentPartiallyRefunded = event({ ...about, type: 'payment.partially_refunded' });
export const PaymentRefunded = event({ ...about, type: 'payment.refunded' });

/** The event of each state that a payment can come to. */
export const EVENT_OF: Readonly<Record<PaymentStatus, EventType<string, typeof PaymentFacts>>> = {
  created: PaymentStarted,
  requires_action: PaymentNeedsAction,
  authorized: PaymentAuthorized,
  captured: PaymentCaptured,
  failed: PaymentFailed,
  cancelled: PaymentCancelled,
  partially_refunded: PaymentPartiallyRefunded,
  refunded: PaymentRefunded,
};

/** The buyer's bank has taken the money back until it has decided. */
export const PaymentDisputed = event({ ...about, type: 'payment.disputed' });
export const PaymentDisputeWon = event({ ...about, type: 'payment.dispute_won' });
/** The bank keeps it. */
export const PaymentDisputeLost = event({ ...about, type: 'payment.dispute_lost' });

/** The event of each state that a dispute can come to. */
export const DISPUTE_EVENT_OF: Readonly<
  Partial<Record<Payment['dispute'], EventType<string, typeof PaymentFacts>>>
> = { open: PaymentDisputed, won: PaymentDisputeWon, lost: PaymentDisputeLost };

/** A provider says that something of ours has changed. What has changed, it must be asked. */
export const ProviderNotified = event({
  type: 'provider.notified',
  topic: 'payment',
  data: z.object({
    provider: z.enum(PROVIDERS),
    noticeId: z.string(),
    /** The provider's name for what happened. */
    notice: z.string(),
    providerRef: z.string().optional(),
    objectRef: z.string(),
  }),
  subject: ['notice', 'noticeId'],
});
