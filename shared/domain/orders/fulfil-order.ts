import { notify } from '#domain/notifications/notifications.ts';
import { recordCommissions } from '#domain/sellers/commissions.ts';
import { countSale } from '#domain/shop/products.ts';
import { commitStock } from '#domain/shop/stock.ts';
import { setting } from '#domain/system/settings.ts';
import { escrowOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { mustMoveOrder, type OrderRow, orderById, ordersOfCheckout } from './order-state.ts';
import { type PaymentRow, paymentById } from './payments.ts';
import { refundCapture } from './refunds.ts';
import { commissionable, deltasOf, initialShares, movementsOf } from './shares.ts';

/**
 * Lets captured money buy what it was paid for: each order that still waits for it becomes the
 * seller's to fulfil. What it cannot buy, because the order was cancelled or paid otherwise, goes
 * back to the payer. Whoever learns of a capture calls this; repeating it changes nothing.
 */
export async function fulfilPayment(id: Id<'payment'>, now: Date): Promise<void> {
  const payment = await paymentById(id);
  if (!payment || payment.purpose !== 'order' || payment.capturedMinor === 0) return;
  const used: OrderRow[] = [];
  const unused: Id<'order'>[] = [];
  for (const { order: each } of payment.allocations) {
    const order = await transaction(() => payFor(each, payment, now));
    if (order) used.push(order);
    else unused.push(each);
  }
  if (used[0]) await fulfilFree(used[0].checkout, now);
  if (unused.length > 0) await transaction(() => refundCapture(payment, unused, now));
}

/** The order, if this payment pays for it, now or already. */
async function payFor(
  id: Id<'order'>,
  payment: PaymentRow,
  now: Date,
): Promise<OrderRow | undefined> {
  const order = await orderById(id);
  if (order?.status === 'pending_payment') await fulfilOrder(order, payment._id, now);
  else if (!order?.paidAt || !sameId(payment._id, order.payment)) return undefined;
  return order;
}

/** What costs nothing waits for the rest of its checkout. */
async function fulfilFree(checkout: Id<'checkout'>, now: Date): Promise<void> {
  const waiting = (await ordersOfCheckout(checkout)).filter(waitsForNothing);
  for (const { _id } of waiting)
    await transaction(async () => {
      const order = await orderById(_id);
      if (order && waitsForNothing(order)) await fulfilOrder(order, undefined, now);
    });
}

const waitsForNothing = ({ status, totalMinor }: OrderRow): boolean =>
  status === 'pending_payment' && totalMinor === 0;

/**
 * Makes a paid order the seller's to fulfil, in a transaction and as its last step: its stock is
 * sold, its money is shared out, and the buyer has some time to think again. Throws `Conflict` when
 * it does not wait for payment.
 */
export async function fulfilOrder(
  order: OrderRow,
  payment: Id<'payment'> | undefined,
  now: Date,
): Promise<void> {
  const { _id, shop, seller, currency, totalMinor, orderNo } = order;
  const shares = initialShares(order);
  const at = after(now, minutes(await setting('orders.onHoldMinutes')));
  await mustMoveOrder(
    _id,
    'on_hold',
    {
      set: { shares, paidAt: now, invoiceNo: `INV-${orderNo}`, ...(payment && { payment }) },
      deadline: { kind: 'confirm', at },
    },
    now,
  );
  // Stock is held for as long as an order waits: both end in one transaction.
  if (!(await commitStock(_id))) throw new Error(`Nothing is held for order ${_id.toHexString()}`);
  await countSale(order.lines, now);
  await recordCommissions(commissionsOf(order), now);
  await notify({ user: seller, type: 'order_placed', subject: { type: 'order', id: _id } }, now);
  const deltas = deltasOf(shop, shares, 'pending');
  const movements = movementsOf([...deltas, [escrowOf(_id), -totalMinor]], currency);
  if (movements.length > 0)
    await post({ event: { type: 'order', id: _id }, movements, line: { type: 'order' } }, now);
}

const commissionsOf = ({ _id: order, lines }: OrderRow) =>
  lines.flatMap((line) => {
    const { id, affiliate } = line;
    if (!affiliate || affiliate.amountMinor === 0) return [];
    const { offer, creator, amountMinor, content, live } = affiliate;
    const baseMinor = commissionable(line);
    return [{ order, line: id, offer, creator, baseMinor, amountMinor, content, live }];
  });
