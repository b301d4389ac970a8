import type { Stored } from '#platform/collection.ts';
import { guardedMove, type Moves } from '#platform/guarded-move.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { type Refund, type RefundStatus, Refunds } from './refund.model.ts';
import { REFUND_EVENT_OF } from './refund-events.ts';

export type RefundRow = Refund & Stored & { readonly _id: Id<'refund'> };

/** Where a refund may go from each state. Anything else is refused. */
export const NEXT_REFUND: Moves<RefundStatus> = {
  pending: ['processing', 'cancelled'],
  processing: ['succeeded', 'failed'],
  failed: ['processing', 'manual'],
  // A person looks at it: sends it once more, puts it into the buyer's wallet, or calls it off.
  manual: ['processing', 'succeeded', 'cancelled'],
  succeeded: ['returned'],
  cancelled: [],
  returned: [],
};

type Learned = Partial<
  Pick<Refund, 'providerRef' | 'failureCode' | 'attempts' | 'nextAt' | 'toWallet' | 'writtenOff'>
>;

export const isUnderway = (status: RefundStatus): boolean =>
  status === 'pending' || status === 'processing';

/**
 * Brings a refund into a state and announces it; null when it cannot go there from where it is,
 * which is what all but the first of several simultaneous callers are told.
 */
export async function moveRefund(
  id: Id<'refund'>,
  to: RefundStatus,
  learned: Learned,
  now: Date,
  { status, ...where }: Partial<Pick<Refund, 'attempts' | 'status'>> = {},
): Promise<RefundRow | null> {
  const underway = isUnderway(to);
  const step = {
    ...{ to, where },
    ...(status && { from: [status] }),
    set: { ...learned, ...(underway && { open: true }) },
    unset: [
      ...(underway ? [] : ['open']),
      ...(learned.nextAt ? [] : ['nextAt']),
      // Sent once more, it is another refund to the provider.
      ...(to === 'processing' ? ['providerRef'] : []),
    ],
  };
  const refund = await guardedMove(Refunds, NEXT_REFUND, id, step, now);
  if (refund) await announceRefund(refund, now);
  return refund;
}

/** Tells of the state a refund is in, as part of the transaction that brought it there. */
export async function announceRefund(
  refund: RefundRow,
  now: Date,
  event = REFUND_EVENT_OF[refund.status],
): Promise<void> {
  const { _id: refundId, order, buyer, shop, status, amountMinor, currency } = refund;
  const facts = { refundId, orderId: order, buyerId: buyer, shopId: shop, status };
  if (event) await publish(event, { ...facts, amountMinor, currency }, { now });
}

/** Shows that a refund was asked about, so that the job goes on to others; false when it has ended. */
export async function touchRefund(id: Id<'refund'>, now: Date): Promise<boolean> {
  const asked = await Refunds.updateOne({ _id: id, open: true }, { $set: { askedAt: now } });
  return asked.matchedCount > 0;
}

/** Notes what the provider calls a refund that is under way. */
export async function noteRefund(id: Id<'refund'>, providerRef: string): Promise<void> {
  await Refunds.updateOne({ _id: id, status: 'processing' }, { $set: { providerRef } });
}

export const refundById = (id: Id<'refund'>): Promise<RefundRow | null> =>
  Refunds.findOne({ _id: id }).lean<RefundRow>().exec();
