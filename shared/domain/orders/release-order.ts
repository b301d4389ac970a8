import { returnCoupons } from '#domain/cart/coupon-use.ts';
import { releaseStock } from '#domain/shop/stock.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { fulfilPayment } from './fulfil-order.ts';
import { type Order, Orders } from './order.model.ts';
import { mustMoveOrder, type OrderRow, ordersOfCheckout } from './order-state.ts';
import { latestPayment } from './pay-checkout.ts';
import { callOff } from './provider-truth.ts';

interface Cancelling {
  readonly by: NonNullable<Order['cancellation']>['by'];
  readonly reason: string;
}

/**
 * Cancels an order that nobody has paid: its stock is on sale again, and its part of the coupons
 * comes back; what they take off other orders of the checkout stays. Money that comes all the same is sent back by whoever learns of
 * it. In a transaction. Throws `Conflict` when it is no longer waiting.
 */
export async function cancelUnpaid(
  order: OrderRow,
  { by, reason }: Cancelling,
  now: Date,
): Promise<OrderRow> {
  const cancelled = await mustMoveOrder(
    order._id,
    'cancelled',
    {
      set: { cancellation: { by, reason } },
      ...(by === 'buyer' && { by: order.buyer }),
      note: reason,
      from: ['pending_payment'],
    },
    now,
  );
  await releaseStock(order._id, now);
  await returnCoupons(order.checkout, order._id);
  return cancelled;
}

/** How long an order waits for a payment that its provider can neither end nor call off. */
const UNDECIDED_MS = minutes(1);

/**
 * Ends the waiting of a checkout: it is fulfilled if it turns out to be paid, and cancelled once
 * nobody can pay it any more. Throws `Unavailable` when the provider does not say.
 */
export async function releaseCheckout({ checkout }: OrderRow, now: Date): Promise<void> {
  const latest = await latestPayment(checkout);
  const ended = latest && (await callOff(latest, now));
  if (ended && ended.capturedMinor > 0) return fulfilPayment(ended._id, now);
  if (ended?.open) return waitOn(checkout, now);
  for (const order of await ordersOfCheckout(checkout))
    if (order.status === 'pending_payment')
      await transaction(() => cancelUnpaid(order, { by: 'system', reason: 'unpaid' }, now));
}

async function waitOn(checkout: Id<'checkout'>, now: Date): Promise<void> {
  await Orders.updateMany(
    { checkout, status: 'pending_payment' },
    { $set: { 'deadline.at': after(now, UNDECIDED_MS) } },
  );
}
