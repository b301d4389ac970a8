import { after, days, minutes } from '#platform/clock.ts';
import { cancelPayment, findPayment, retrievePayment } from '#platform/payments.ts';
import { Orders } from './order.model.ts';
import { Payments } from './payment.model.ts';
import { note, type PaymentRow } from './payments.ts';
import { applyTruth, askProvider, callOff, giveUp } from './provider-truth.ts';

/** How long a payment is left to the answer of our own call and to the webhook. */
const LEFT_ALONE_MS = minutes(5);
/** After that nobody waits any more. It is also how long the provider remembers our key. */
const ABANDONED_MS = days(1);

/** Payments that have not come to an end, the longest untouched first. */
export const unsettledPayments = (now: Date, limit: number): Promise<PaymentRow[]> =>
  Payments.find({
    open: true,
    updatedAt: { $lt: after(now, -LEFT_ALONE_MS) },
  })
    .sort({ updatedAt: 1, _id: 1 })
    .limit(limit)
    .lean<PaymentRow[]>()
    .exec();

/**
 * Asks the provider about one of them. What buys nothing any more is called off, and after a day it
 * is given up there and here.
 */
export async function reconcilePayment(payment: PaymentRow, now: Date): Promise<void> {
  const { _id, createdAt } = payment;
  const abandoned = createdAt < after(now, -ABANDONED_MS);
  await note(_id, { askedAt: now });
  if (await isPointless(payment)) {
    await callOff(payment, now);
    return;
  }
  const providerRef = payment.providerRef ?? (await learnRef(payment, abandoned, now));
  if (!providerRef) return abandoned ? giveUp(_id, 'expired', now) : undefined;
  const truth = await (abandoned ? cancelPayment(providerRef) : retrievePayment(providerRef));
  await applyTruth(_id, truth, now);
}

/**
 * What the provider calls a payment whose first answer was lost. Asked again with the same key, it
 * repeats that answer; when the key is forgotten, asking again would take the money twice.
 */
const learnRef = async (payment: PaymentRow, abandoned: boolean, now: Date) =>
  (abandoned ? await findPayment(payment._id.toHexString()) : await askProvider(payment, now))
    ?.providerRef;

/** All it was to pay for was cancelled, or paid by another. */
async function isPointless({ purpose, allocations }: PaymentRow): Promise<boolean> {
  if (purpose !== 'order') return false;
  const ids = allocations.map(({ order }) => order);
  return !(await Orders.exists({ _id: { $in: ids }, status: 'pending_payment' }));
}
