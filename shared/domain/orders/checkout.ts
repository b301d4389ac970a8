import { addressOf } from '#domain/cart/addresses.ts';
import { toIssueView } from '#domain/cart/cart-view.ts';
import { removeBought } from '#domain/cart/carts.ts';
import {
  abandonCoupons,
  claimCoupons,
  keepCoupons,
  redeemCoupons,
} from '#domain/cart/coupon-use.ts';
import { CouponRefused } from '#domain/cart/coupons.ts';
import type { PostalAddress, Quote, QuoteIssue } from '#domain/cart/quote.ts';
import { quoteCart } from '#domain/cart/quote-cart.ts';
import { ratesFor } from '#domain/sellers/affiliates.ts';
import { abandonStock, claimStock, holdStock, keepStock, SoldOut } from '#domain/shop/stock.ts';
import { setting } from '#domain/system/settings.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, newId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { Conflict, NotFound, problem, Unavailable } from '#platform/problem.ts';
import { affiliateWishes, type NewOrder, newOrders, type Placing } from './new-orders.ts';
import { Orders } from './order.model.ts';
import { announce, type OrderRow } from './order-state.ts';
import {
  buyAtOnce,
  checkMethod,
  type Paying,
  type PlacedCheckout,
  paymentFor,
  proceed,
} from './pay-checkout.ts';
import { startPayment } from './payments.ts';

export class CartEmpty extends problem({
  code: 'cart_empty',
  status: 400,
  error: 'Nothing in the cart is selected',
}) {}
/** `current` is the total as it is now. */
export class PriceChanged extends problem({
  code: 'price_changed',
  status: 409,
  error: 'Price changed',
}) {}
/** `details` and `current` say why. */
export class CheckoutBlocked extends problem({
  code: 'checkout_blocked',
  status: 409,
  error: 'The cart cannot be ordered as it is',
}) {}

export interface CheckoutWish extends Paying {
  /** One of the two. */
  readonly address?: PostalAddress | undefined;
  readonly addressId?: Id<'address'> | undefined;
  /** The code of a method, by the id of a shop in hex; the cheapest where none is said. */
  readonly methods?: Readonly<Record<string, string>> | undefined;
  readonly coupons?: readonly string[] | undefined;
  /** What the buyer was shown. */
  readonly expectedTotalMinor?: number | undefined;
  readonly note?: string | undefined;
}

/**
 * Turns what is selected in a cart into one order for each shop and one payment for all of them,
 * and takes that payment as far as it comes. Once the orders are placed, a repeat goes on with
 * them. Throws `NotFound` for an address, `CartEmpty`, `CartChanged`, `SoldOut`, `PriceChanged`,
 * `CheckoutBlocked`, `CouponRefused`, `InsufficientBalance`, `CurrencyMismatch`, and `Unavailable`.
 */
export async function checkOut(wish: CheckoutWish, now: Date): Promise<PlacedCheckout> {
  const placed = (await checkoutPlacedBy(wish.operation)) ?? (await place(wish, now));
  return proceed(placed, now);
}

async function checkoutPlacedBy(operation: string): Promise<Id<'checkout'> | undefined> {
  const first = await Orders.findOne({ operation }, { checkout: 1 }).lean();
  return first?.checkout;
}

/**
 * Places the orders. What many want at once is claimed before the transaction and lasts by its
 * rows; see docs/decisions/hot-counters.md. The id is new for each attempt, so that an attempt
 * that was given up can never be committed.
 */
async function place(wish: CheckoutWish, now: Date): Promise<Id<'checkout'>> {
  const { buyer, methods, coupons: codes, operation } = wish;
  const address = await addressFor(wish);
  const quote = await quoteCart({ user: buyer, shipTo: address, methods, coupons: codes }, now);
  refuse(quote, wish);
  await checkMethod(wish, quote.currency);
  const rates = await ratesFor(affiliateWishes(quote, buyer), now);
  const payBy = after(now, minutes(await setting('orders.stockHoldMinutes')));

  const checkout = newId<'checkout'>();
  const placing = { checkout, operation, buyer, address, note: wish.note, rates, payBy };
  const orders = newOrders(quote, placing, now);
  const demand = quote.shops.flatMap(({ lines }) =>
    lines.map(({ sellable: { variant }, quantity }) => ({ variant, quantity })),
  );
  const variants = demand.map(({ variant }) => variant);
  const coupons = quote.shops.flatMap((shop) => shop.coupons);
  await claimStock(checkout, demand, now);
  try {
    await claimCoupons(checkout, buyer, coupons, now);
    await transaction(() => write(orders, quote, { ...wish, checkout, payBy }, now));
  } catch (error) {
    await abandonStock(checkout, demand, now);
    await abandonCoupons(checkout, coupons);
    const other = await checkoutPlacedBy(operation);
    if (other) return other; // Another run of this request was faster.
    throw refusalOf(error);
  }
  await Promise.all([keepStock(checkout, variants), keepCoupons(checkout, coupons)]);
  return checkout;
}

/** What it means to a buyer that the transaction met a row of somebody else. */
function refusalOf(error: unknown): unknown {
  const taken = duplicateKey(error);
  if (taken === 'coupon') return new CouponRefused({ cause: error });
  // It took so long that it was given up for dead.
  const late = taken === 'checkout' || error instanceof Conflict;
  return late ? new Unavailable({ retryAfterSeconds: 1, cause: error }) : error;
}

async function addressFor({ buyer, address, addressId }: CheckoutWish): Promise<PostalAddress> {
  if (address) return address;
  if (!addressId) throw new NotFound();
  return addressOf(buyer, addressId);
}

/** Everything that a checkout changes, at once; a wallet's payment last. */
async function write(
  orders: readonly NewOrder[],
  quote: Quote,
  wish: CheckoutWish & Pick<Placing, 'checkout' | 'payBy'>,
  now: Date,
): Promise<void> {
  const { buyer, checkout, payBy } = wish;
  const asked = paymentFor(orders, wish);
  const payment = asked && (await startPayment(asked, now));
  const inserted = await Orders.insertMany(
    orders.map((order) => ({
      ...order,
      ...(payment && order.totalMinor > 0 && { payment: payment._id }),
    })),
  );
  await holdStock(
    orders.flatMap(({ _id: order, shop, lines }) =>
      lines.map(({ product, variant, quantity }) => {
        const hold = { checkout, buyer, order, shop, product, variant, quantity };
        return { ...hold, expiresAt: payBy };
      }),
    ),
    now,
  );
  await redeemCoupons(
    checkout,
    buyer,
    orders.flatMap(({ _id: order, coupons }) =>
      coupons.map(({ coupon, discountMinor }) => ({ order, coupon, discountMinor })),
    ),
    now,
  );
  await removeBought(
    buyer,
    quote.shops.flatMap(({ lines }) => lines.map(({ item }) => item)),
  );
  const placed = inserted.map((order) => order.toObject<OrderRow>());
  for (const order of placed) await announce(order, now, buyer);
  if (!payment || payment.provider === 'wallet') await buyAtOnce(placed, payment, now);
}

/** Refuses what cannot be ordered, or not for what the buyer was shown. */
function refuse(quote: Quote, { expectedTotalMinor }: CheckoutWish): void {
  const { issues, shops, totalMinor, currency } = quote;
  if (shops.length === 0 && issues.length === 0) throw new CartEmpty();
  const missing = issues.filter(({ code }) => MISSING.includes(code));
  if (missing.length > 0) throw new SoldOut(factsOf(missing));
  const blocking = issues.filter(({ code }) => code !== 'price_changed');
  if (blocking.length > 0) throw new CheckoutBlocked(factsOf(blocking));
  if (shops.some((shop) => shop.totalMinor > MAX_AMOUNT_MINOR))
    throw new CheckoutBlocked({ details: ['total_too_large'] });
  const differs =
    expectedTotalMinor === undefined ? issues.length > 0 : expectedTotalMinor !== totalMinor;
  if (differs) throw new PriceChanged({ current: { total: totalMinor, currency } });
}

const MISSING: readonly QuoteIssue['code'][] = ['sold_out', 'not_enough_stock'];

const factsOf = (issues: readonly QuoteIssue[]) => ({
  details: issues.map(({ code, item, shop, coupon, reason }) =>
    [code, coupon ?? item?.toHexString() ?? shop?.toHexString(), reason].filter(Boolean).join(': '),
  ),
  current: issues.map(toIssueView),
});
