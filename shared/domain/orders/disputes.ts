import { notify } from '#domain/notifications/notifications.ts';
import { type Account, shopAccount } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { inTransaction, transaction } from '#platform/database.ts';
import { log } from '#platform/log.ts';
import { allocate } from '#platform/money.ts';
import { publish } from '#platform/outbox.ts';
import { type ProviderDispute, retrieveDispute } from '#platform/payments-back.ts';
import { Orders } from './order.model.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { Payments } from './payment.model.ts';
import { DISPUTE_EVENT_OF } from './payment-events.ts';
import { type PaymentRow, paymentById, paymentOfProvider } from './payments.ts';
import { movementsOf } from './shares.ts';

type Dispute = PaymentRow['dispute'];

/** Where a dispute may go from each state. Anything else is refused. */
export const NEXT_DISPUTE: Readonly<Record<Dispute, readonly Dispute[]>> = {
  none: ['open'],
  open: ['won', 'lost'],
  won: [],
  lost: [],
};

/** Asks the provider what has become of the dispute a notice is about, and makes it so here. */
export async function followDispute(disputeRef: string, now: Date): Promise<void> {
  const truth = await retrieveDispute(disputeRef);
  const payment = truth.providerRef
    ? await paymentOfProvider('stripe', truth.providerRef)
    : undefined;
  if (!payment) return log.warning('notice of a dispute that is not ours', { disputeRef });
  await transaction(() => applyDispute(payment, truth, now));
}

/**
 * Makes a payment's dispute what the provider says it is, in a transaction: in any order and any
 * number of news, each step is taken once.
 */
async function applyDispute(
  { _id }: PaymentRow,
  { status, amountMinor }: ProviderDispute,
  now: Date,
): Promise<void> {
  if (status === 'inquiry') return;
  const payment = await paymentById(_id);
  if (!payment) return;
  const opened =
    payment.dispute === 'none' ? await moveDispute(payment, 'open', amountMinor, now) : payment;
  if (opened && status !== 'open') await moveDispute(opened, status, amountMinor, now);
}

/** Brings a dispute into a state; null when it cannot go there. In a transaction. */
export async function moveDispute(
  { _id, dispute, version }: PaymentRow,
  to: Dispute,
  amountMinor: number,
  now: Date,
): Promise<PaymentRow | null> {
  if (!inTransaction()) throw new Error('moveDispute() must be called inside transaction()');
  if (!NEXT_DISPUTE[dispute].includes(to)) return null;
  // While the bank has the money, and when it keeps it, it cannot be refunded as well.
  const disputedMinor = to === 'won' ? 0 : amountMinor;
  const payment = await Payments.findOneAndUpdate(
    { _id, dispute, version },
    { $set: { dispute: to, disputedMinor }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  ).lean<PaymentRow>();
  if (!payment) return null;
  const { payer, purpose } = payment;
  const event = DISPUTE_EVENT_OF[to];
  if (event) await publish(event, { paymentId: _id, payerId: payer, purpose }, { now });
  const orders = await ordersOf(payment);
  for (const order of orders) {
    await Orders.updateOne(
      { _id: order._id },
      { $set: { disputed: to === 'open' }, $inc: { version: 1 } },
    );
    const subject = { type: 'order', id: order._id };
    await notify({ user: order.seller, type: 'order_updated', subject }, now);
  }
  if (to === 'lost') await bookLoss(payment, orders, now);
  return payment;
}

async function ordersOf({ allocations }: PaymentRow): Promise<OrderRow[]> {
  const orders: OrderRow[] = [];
  for (const { order: id } of allocations) {
    const order = await orderById(id);
    if (order?.shares) orders.push(order);
  }
  return orders;
}

/**
 * The bank has given the buyer their money back: each seller bears what they had of it, and the
 * platform the rest. Last in its transaction.
 */
async function bookLoss(
  payment: PaymentRow,
  orders: readonly OrderRow[],
  now: Date,
): Promise<void> {
  const { _id, currency, disputedMinor } = payment;
  const left = orders.map(leftOf);
  const all = left.reduce((sum, minor) => sum + minor, 0);
  const parts = all > 0 ? allocate(Math.min(disputedMinor, all), left) : [];
  const borne = orders.map((order, index) => sellersPart(order, parts[index] ?? 0));
  const bySellers = borne.reduce((sum, minor) => sum + minor, 0);
  const changes: (readonly [Account, number])[] = [
    ['psp', disputedMinor],
    ['loss', bySellers - disputedMinor],
  ];
  for (const [index, order] of orders.entries()) {
    const minor = borne[index] ?? 0;
    const platformMinor = (parts[index] ?? 0) - minor;
    const share = order.settlement?.settledAt ? 'available' : 'pending';
    changes.push([shopAccount(order.shop, share), -minor]);
    await Orders.updateOne(
      { _id: order._id },
      {
        $set: { chargedBack: { sellerMinor: minor, platformMinor } },
        $inc: { 'shares.sellerMinor': -minor, version: 1 },
      },
    );
  }
  const movements = movementsOf(changes, currency);
  await post({ event: { type: 'chargeback', id: _id }, movements, line: { type: 'order' } }, now);
}

/** What the buyer has paid for an order and not got back. */
const leftOf = ({ shares }: OrderRow): number =>
  shares
    ? shares.affiliates.reduce(
        (sum, { minor }) => sum + minor,
        shares.sellerMinor + shares.feeMinor + shares.taxMinor,
      ) - shares.promoMinor
    : 0;

/** Of a disputed part of an order: the seller's, in proportion to what they still have of it. */
function sellersPart(order: OrderRow, partMinor: number): number {
  const left = leftOf(order);
  const theirs = Math.min(Math.max(0, order.shares?.sellerMinor ?? 0), left);
  return left > 0 ? Number((BigInt(theirs) * BigInt(partMinor)) / BigInt(left)) : 0;
}
