import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { REFUND_STATUSES, type Refund, type RefundStatus, Refunds } from './refund.model.ts';
import { REFUND_EVENT_OF } from './refund-events.ts';

export type RefundRow = Refund & Stored & { readonly _id: Id<'refund'> };

/** Where a refund may go from each state. Anything else is refused. */
export const NEXT_REFUND: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
  pending: ['processing', 'cancelled'],
  processing: ['succeeded', 'failed'],
  failed: ['processing', 'manual'],
  // A person looks at it: sends it once more, puts it into the buyer's wallet, or calls it off.
  manual: ['processing', 'succeeded', 'cancelled'],
  succeeded: ['returned'],
  cancelled: [],
  returned: [],
};

const comingFrom = (to: RefundStatus): RefundStatus[] =>
  REFUND_STATUSES.filter((from) => NEXT_REFUND[from].includes(to));

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
  where: Partial<Pick<Refund, 'attempts' | 'status'>> = {},
): Promise<RefundRow | null> {
  if (!inTransaction()) throw new Error('moveRefund() must be called inside transaction()');
  const refund = await Refunds.findOneAndUpdate(
    { $and: [{ _id: id, status: { $in: comingFrom(to) } }, where] },
    {
      $set: { ...learned, status: to, ...(isUnderway(to) && { open: true as const }) },
      $unset: {
        ...(!isUnderway(to) && { open: 1 }),
        ...(!learned.nextAt && { nextAt: 1 }),
        // Sent once more, it is another refund to the provider.
        ...(to === 'processing' && { providerRef: 1 }),
      },
      $inc: { version: 1 },
      $push: { timeline: { $each: [{ status: to, at: now }], $slice: -50 } },
    },
    { returnDocument: 'after' },
  ).lean<RefundRow>();
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
