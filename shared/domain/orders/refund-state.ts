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

type Learned = Partial<Pick<Refund, 'providerRef' | 'failureCode' | 'attempts' | 'nextAt'>>;

/**
 * Brings a refund into a state and announces it; null when it cannot go there from where it is,
 * which is what all but the first of several simultaneous callers are told.
 */
export async function moveRefund(
  id: Id<'refund'>,
  to: RefundStatus,
  learned: Learned,
  now: Date,
): Promise<RefundRow | null> {
  if (!inTransaction()) throw new Error('moveRefund() must be called inside transaction()');
  const refund = await Refunds.findOneAndUpdate(
    { _id: id, status: { $in: comingFrom(to) } },
    {
      $set: { ...learned, status: to },
      ...(!learned.nextAt && { $unset: { nextAt: 1 } }),
      $inc: { version: 1 },
      $push: { timeline: { $each: [{ status: to, at: now }], $slice: -50 } },
    },
    { returnDocument: 'after' },
  ).lean<RefundRow>();
  if (refund) await announceRefund(refund, now);
  return refund;
}

/** Tells of the state a refund is in, as part of the transaction that brought it there. */
export async function announceRefund(refund: RefundRow, now: Date): Promise<void> {
  const { _id: refundId, order, buyer, shop, status, amountMinor, currency } = refund;
  const event = REFUND_EVENT_OF[status];
  const facts = { refundId, orderId: order, buyerId: buyer, shopId: shop, status };
  if (event) await publish(event, { ...facts, amountMinor, currency }, { now });
}

export const refundById = (id: Id<'refund'>): Promise<RefundRow | null> =>
  Refunds.findOne({ _id: id }).lean<RefundRow>().exec();
