import type { Id } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { type Payment, Payments } from './payment.model.ts';
import { move, type PaymentRow } from './payments.ts';

/** Of a payment that was captured: what can still be given back, without what is on its way back. */
const leftOf = ({ capturedMinor, refundedMinor, refundingMinor, disputedMinor }: Payment): number =>
  capturedMinor - refundedMinor - refundingMinor - disputedMinor;

/** What can still be given back of what was paid for one order; `takenMinor` has been asked for before. */
export function leftForOrder(payment: PaymentRow, order: Id<'order'>, takenMinor: number): number {
  const paid = payment.allocations.find((one) => one.order.equals(order))?.amountMinor ?? 0;
  return Math.max(0, Math.min(paid - takenMinor, leftOf(payment)));
}

/** Counts money that is to go back, in the transaction that read the payment. */
export async function holdForRefund(payment: PaymentRow, amountMinor: number): Promise<void> {
  const { _id, version } = payment;
  const { matchedCount } = await Payments.updateOne(
    { _id, version },
    { $inc: { refundingMinor: amountMinor, version: 1 } },
  );
  if (matchedCount === 0) throw new Conflict({ current: payment.status });
}

/** Takes back what was counted for a refund that is not sent. */
export async function releaseRefund(id: Id<'payment'>, amountMinor: number): Promise<void> {
  const { matchedCount } = await Payments.updateOne(
    { _id: id, refundingMinor: { $gte: amountMinor } },
    { $inc: { refundingMinor: -amountMinor, version: 1 } },
  );
  if (matchedCount === 0) throw new RangeError('More is called off than was asked for');
}

/** Counts money that has gone back; the payment's state follows from the sum. */
export async function countRefunded(
  payment: PaymentRow,
  amountMinor: number,
  now: Date,
): Promise<void> {
  const { _id, version, status, capturedMinor, refundedMinor } = payment;
  const { matchedCount } = await Payments.updateOne(
    { _id, version, refundingMinor: { $gte: amountMinor } },
    { $inc: { refundingMinor: -amountMinor, refundedMinor: amountMinor, version: 1 } },
  );
  if (matchedCount === 0) throw new RangeError('More has gone back than was asked for');
  const all = refundedMinor + amountMinor === capturedMinor;
  const to = all ? 'refunded' : 'partially_refunded';
  if (to !== status) await move(_id, to, {}, now);
}
