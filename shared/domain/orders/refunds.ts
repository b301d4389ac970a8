import { inTransaction } from '#platform/database.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { Conflict, problem } from '#platform/problem.ts';
import { Orders } from './order.model.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { holdForRefund, leftForOrder } from './payment-refunds.ts';
import { type PaymentRow, paymentById } from './payments.ts';
import { type Initiator, MOST_REFUNDS, type Refund, Refunds } from './refund.model.ts';
import {
  givenBy,
  type Refunded,
  type RefundParts,
  refundShares,
  totalsOf,
  within,
} from './refund-shares.ts';
import { announceRefund, type RefundRow } from './refund-state.ts';
import { sum, without } from './shares.ts';

export type { RefundParts } from './refund-shares.ts';
export type { RefundRow } from './refund-state.ts';

export class NotRefundable extends problem({
  code: 'not_refundable',
  status: 409,
  error: 'There is not that much left to refund',
}) {}

export interface RefundWish {
  readonly order: Pick<OrderRow, '_id'>;
  readonly parts: RefundParts;
  readonly reason: string;
  readonly initiatedBy: Initiator;
  /** The goods can be sold again; done when the money has gone back. */
  readonly restock: boolean;
  readonly return?: Id<'return'>;
}

/** What a refund would be, with all that it is counted from. Throws as `requestRefund`. */
export async function quoteRefund(id: Id<'order'>, parts: RefundParts): Promise<RefundQuote> {
  const quote = await quoteAtMost(id, parts);
  if (isNothing(quote)) throw new NotRefundable({ current: { leftMinor: quote.leftMinor } });
  return quote;
}

interface RefundQuote {
  readonly order: OrderRow;
  readonly payment: PaymentRow | null;
  readonly refunded: Refunded;
  /** All of it. */
  readonly amountMinor: number;
  /** What could have been given back. */
  readonly leftMinor: number;
}

const isNothing = ({ amountMinor, refunded }: RefundQuote): boolean =>
  amountMinor === 0 && refunded.lines.length === 0;

async function quoteAtMost(id: Id<'order'>, parts: RefundParts): Promise<RefundQuote> {
  const order = await orderById(id);
  if (!order?.shares) throw new Conflict({ current: order?.status ?? null });
  const refunds = (await refundsOf(id)).filter(counts);
  const earlier = [...refunds, ...byTheBank(order)];
  const payment = order.payment ? await paymentById(order.payment) : null;
  const taken = sum(earlier.map((one) => totalsOf(one).amountMinor));
  const leftMinor = payment ? leftForOrder(payment, id, taken) : 0;
  if (refunds.length >= MOST_REFUNDS) throw new NotRefundable({ current: { leftMinor } });
  const refunded = fitting(order, parts, earlier, leftMinor);
  return { order, payment, refunded, amountMinor: totalsOf(refunded).amountMinor, leftMinor };
}

/**
 * What the buyer's bank gave them back counts as goodwill that was given before: who bore it is
 * not asked for it again, and what it paid for can still be given back.
 */
const byTheBank = ({ chargedBack }: OrderRow): Refunded[] =>
  chargedBack
    ? [
        {
          lines: [],
          shipping: { paidMinor: 0, promoMinor: 0, taxMinor: 0 },
          goodwill: chargedBack,
        },
      ]
    : [];

/**
 * Asks for money to go back to a buyer, in the caller's transaction. What it takes is counted at
 * once: of the order's lines and shares, and of the payment, so that requests at the same time
 * never take the same twice. The order's version grows. Throws `NotRefundable` with what is left,
 * and `Conflict` for an order that was not paid.
 */
export async function requestRefund(wish: RefundWish, now: Date): Promise<RefundRow> {
  return begin(wish, await quoteRefund(wish.order._id, wish.parts), now);
}

/** As `requestRefund`, for those who take what is left: null when that is nothing. */
export async function refundIfLeft(wish: RefundWish, now: Date): Promise<RefundRow | null> {
  const quote = await quoteAtMost(wish.order._id, wish.parts);
  return isNothing(quote) ? null : begin(wish, quote, now);
}

async function begin(wish: RefundWish, quote: RefundQuote, now: Date): Promise<RefundRow> {
  if (!inTransaction()) throw new Error('requestRefund() must be called inside transaction()');
  const { reason, initiatedBy, restock, return: back } = wish;
  const { order, payment, refunded, amountMinor } = quote;
  await takeFrom(order, refunded, 1);
  if (payment && amountMinor > 0) await holdForRefund(payment, amountMinor);
  return create(
    {
      ...refunded,
      ...partiesOf(order),
      ...(payment && { payment: payment._id }),
      ...(back && { return: back }),
      amountMinor,
      from: order.settlement?.settledAt ? 'available' : 'pending',
      ...{ reason, initiatedBy, restock },
    },
    now,
  );
}

const partiesOf = ({ _id, buyer, shop, currency }: OrderRow) => ({
  order: _id,
  buyer,
  shop,
  currency,
});

/** Those that took something of what was bought, or are going to. */
const counts = ({ status, from, writtenOff }: Refund): boolean =>
  (status !== 'cancelled' || writtenOff === true) && from !== 'escrow';

function fitting(
  order: OrderRow,
  parts: RefundParts,
  earlier: readonly Refunded[],
  leftMinor: number,
): Refunded {
  try {
    return within(leftMinor, refundShares(order, parts, earlier), earlier);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotRefundable({ current: { leftMinor }, cause: error });
  }
}

/** Takes a refund off an order's lines, totals and shares; or gives it back, with −1. */
export async function takeFrom(order: OrderRow, refunded: Refunded, sign: 1 | -1): Promise<void> {
  const { _id, version, lines, shares } = order;
  if (!shares) throw new Conflict({ current: order.status });
  const { itemsMinor, shippingMinor, taxMinor, goodwillMinor } = totalsOf(refunded);
  const quantities = refunded.lines.map(({ line, quantity }) => {
    const position = lines.findIndex(({ id }) => id.equals(line));
    return [`lines.${position}.refundedQuantity`, sign * quantity] as const;
  });
  const { matchedCount } = await Orders.updateOne(
    { _id, version },
    {
      $set: { shares: without(shares, givenBy(order, refunded), sign) },
      $inc: {
        ...Object.fromEntries(quantities),
        'refunded.itemsMinor': sign * itemsMinor,
        'refunded.shippingMinor': sign * shippingMinor,
        'refunded.taxMinor': sign * taxMinor,
        'refunded.goodwillMinor': sign * goodwillMinor,
        version: 1,
      },
    },
  );
  if (matchedCount === 0) throw new Conflict({ current: order.status });
}

type NewRefund = Omit<Refund, 'status' | 'attempts' | 'timeline' | 'version' | 'idempotencyRef'> & {
  readonly idempotencyRef?: string;
};

async function create(wish: NewRefund, now: Date): Promise<RefundRow> {
  const _id = newId<'refund'>();
  const timeline = [{ status: 'pending' as const, at: now }];
  const [created] = await Refunds.create([
    { idempotencyRef: `refund:${_id.toHexString()}`, ...wish, _id, timeline, open: true },
  ]);
  const refund = created?.toObject() as RefundRow;
  await announceRefund(refund, now);
  return refund;
}

/** Whatever is left of an order, with shipping. */
export const everythingLeft = ({ lines }: Pick<OrderRow, 'lines'>): RefundParts => ({
  lines: lines
    .map(({ id, quantity, refundedQuantity }) => ({
      line: id,
      quantity: quantity - refundedQuantity,
    }))
    .filter(({ quantity }) => quantity > 0),
  shippingMinor: 'rest',
  goodwillMinor: 0,
  goodwillBy: 'seller',
});

/**
 * Sends back money that came for orders which are cancelled or paid already: what was for them, out
 * of escrow, once for each order. In the caller's transaction.
 */
export async function refundCapture(
  payment: PaymentRow,
  unused: readonly Id<'order'>[],
  now: Date,
): Promise<RefundRow[]> {
  if (!inTransaction()) throw new Error('refundCapture() must be called inside transaction()');
  const refunds: RefundRow[] = [];
  for (const { order: id, amountMinor } of payment.allocations) {
    if (!unused.some((one) => one.equals(id))) continue;
    const idempotencyRef = `capture:${payment._id.toHexString()}:${id.toHexString()}`;
    const order = await orderById(id);
    if (!order || isBoughtWith(order, payment)) continue;
    if (await Refunds.exists({ idempotencyRef })) continue;
    const untouched = { lines: [], shipping: { paidMinor: 0, promoMinor: 0, taxMinor: 0 } };
    const goodwill = { sellerMinor: 0, platformMinor: 0 };
    const wish = { ...untouched, goodwill, ...partiesOf(order), payment: payment._id, amountMinor };
    const why = { reason: 'nothing_to_pay_for', initiatedBy: 'system', restock: false } as const;
    refunds.push(await create({ ...wish, ...why, from: 'escrow', idempotencyRef }, now));
  }
  const back = refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const current = back > 0 ? await paymentById(payment._id) : null;
  if (current) await holdForRefund(current, back);
  return refunds;
}

const isBoughtWith = ({ paidAt, payment: paid }: OrderRow, { _id }: PaymentRow): boolean =>
  paidAt !== undefined && sameId(_id, paid);

/** The refunds of an order, oldest first. */
export const refundsOf = (order: Id<'order'>): Promise<RefundRow[]> =>
  Refunds.find({ order }).sort({ _id: 1 }).limit(MOST_REFUNDS).lean<RefundRow[]>().exec();
