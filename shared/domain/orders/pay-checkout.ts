import { currencyOf } from '#domain/wallet/wallets.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { captureFromWallet } from './capture.ts';
import { fulfilOrder, fulfilPayment } from './fulfil-order.ts';
import { type Order, Orders } from './order.model.ts';
import { type OrderRow, ordersOfCheckout } from './order-state.ts';
import {
  type PaymentRow,
  type PaymentWish,
  paymentBegunFor,
  paymentById,
  startPayment,
} from './payments.ts';
import { askProvider, callOff } from './provider-truth.ts';

export class HoldExpired extends problem({
  code: 'hold_expired',
  status: 409,
  error: 'The time to pay is over',
}) {}
/** The provider is deciding about the payment before this one; a moment later it has. */
export class PaymentPending extends problem({
  code: 'payment_pending',
  status: 409,
  error: 'Another payment is being decided',
}) {}
export class CurrencyMismatch extends problem({
  code: 'currency_mismatch',
  status: 409,
  error: 'The wallet is in another currency',
}) {}

/** Orders that were placed together, and the latest payment for them; none where nothing costs. */
export interface PlacedCheckout {
  readonly checkout: Id<'checkout'>;
  readonly orders: readonly OrderRow[];
  readonly payment: PaymentRow | null;
}

export interface Paying {
  readonly buyer: Id<'user'>;
  /** `wallet`, or the provider's id of a card. */
  readonly method: string;
  /** The same for every repeat of the request. */
  readonly operation: string;
}

type Priced = Pick<Order, 'totalMinor' | 'currency'> & { readonly _id: Id<'order'> };

/** One payment for all orders that cost anything; undefined when none does. */
export function paymentFor(
  orders: readonly Priced[],
  { buyer, method, operation }: Paying,
): PaymentWish | undefined {
  const costing = orders.filter(({ totalMinor }) => totalMinor > 0);
  const [first] = costing;
  return (
    first && {
      purpose: 'order',
      payer: buyer,
      provider: method === 'wallet' ? 'wallet' : 'stripe',
      method,
      amountMinor: costing.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
      currency: first.currency,
      allocations: costing.map(({ _id, totalMinor }) => ({ order: _id, amountMinor: totalMinor })),
      operation,
    }
  );
}

/** Refuses what a wallet cannot pay whatever is in it. Throws `CurrencyMismatch`. */
export async function checkMethod({ buyer, method }: Paying, currency: string): Promise<void> {
  if (method === 'wallet' && (await currencyOf(buyer)) !== currency) throw new CurrencyMismatch();
}

export const latestPayment = async (checkout: Id<'checkout'>): Promise<PaymentRow | null> =>
  latestPaymentOf(await ordersOfCheckout(checkout));

async function latestPaymentOf(orders: readonly OrderRow[]): Promise<PaymentRow | null> {
  const payments = orders.flatMap(({ payment }) => payment ?? []);
  const [latest] = payments.sort((a, b) => (a.toHexString() < b.toHexString() ? 1 : -1));
  return latest ? paymentById(latest) : null;
}

/**
 * Lets orders that cost nothing, or whose payer's own balance pays for them, become the sellers' to
 * fulfil, in the transaction that places them. The payer's wallet is its last write. Throws
 * `InsufficientBalance`.
 */
export async function buyAtOnce(
  orders: readonly OrderRow[],
  payment: PaymentRow | undefined,
  now: Date,
): Promise<void> {
  for (const order of orders)
    await fulfilOrder(order, order.totalMinor > 0 ? payment?._id : undefined, now);
  if (payment) await captureFromWallet(payment, now);
}

/**
 * Brings a checkout as far as it comes now: asks the provider for a payment it has not been asked
 * for, and fulfils what is paid. Repeating it goes on where a run died. Throws `Unavailable`.
 */
export async function proceed(checkout: Id<'checkout'>, now: Date): Promise<PlacedCheckout> {
  const orders = await ordersOfCheckout(checkout);
  const latest = await latestPaymentOf(orders);
  if (orders.every(({ paidAt }) => paidAt)) return { checkout, orders, payment: latest };
  const unasked = latest?.open && latest.providerRef === undefined;
  const payment = unasked ? await askProvider(latest, now) : latest;
  if (payment && payment.capturedMinor > 0) await fulfilPayment(payment._id, now);
  return { checkout, orders: await ordersOfCheckout(checkout), payment };
}

export interface PayingAgain extends Paying {
  readonly order: Id<'order'>;
}

/**
 * Pays for all orders of a checkout that still wait for it, in place of the payment that did not
 * succeed. Throws `NotFound`, `Conflict` when the order does not wait, `HoldExpired`,
 * `PaymentPending`, `InsufficientBalance`, and `Unavailable`.
 */
export async function payAgain(wish: PayingAgain, now: Date): Promise<PlacedCheckout> {
  const { order: _id, buyer, operation } = wish;
  const order = await Orders.findOne({ _id, buyer }).lean<OrderRow>();
  if (!order) throw new NotFound();
  if (!(await paymentBegunFor(operation))) await replacePayment(order, wish, now);
  return proceed(order.checkout, now);
}

async function replacePayment(order: OrderRow, wish: PayingAgain, now: Date): Promise<void> {
  const { status, deadline, checkout, currency } = order;
  if (status !== 'pending_payment') throw new Conflict({ current: status });
  if (!deadline || deadline.at <= now) throw new HoldExpired();
  await checkMethod(wish, currency);
  const latest = await latestPayment(checkout);
  const ended = latest && (await callOff(latest, now));
  if (ended && ended.capturedMinor > 0) return; // It has been paid after all.
  if (ended?.open) throw new PaymentPending();
  await transaction(() => begin(checkout, latest?._id, wish, now));
}

async function begin(
  checkout: Id<'checkout'>,
  earlier: Id<'payment'> | undefined,
  wish: PayingAgain,
  now: Date,
): Promise<void> {
  const waiting = (await ordersOfCheckout(checkout)).filter(
    ({ status }) => status === 'pending_payment',
  );
  const payment = paymentFor(waiting, wish);
  if (!payment) return buyAtOnce(waiting, undefined, now);
  const begun = await startPayment(payment, now);
  const ids = begun.allocations.map(({ order }) => order);
  // The one who replaced the same payment first has the turn.
  const { matchedCount } = await Orders.updateMany(
    { _id: { $in: ids }, status: 'pending_payment', payment: earlier ?? null },
    { $set: { payment: begun._id }, $inc: { version: 1 } },
  );
  if (matchedCount !== ids.length) throw new Conflict({ current: 'pending_payment' });
  if (begun.provider === 'wallet') await buyAtOnce(waiting, begun, now);
}
