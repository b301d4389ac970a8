import { type ShopRow, shopsById } from '#domain/sellers/shops.ts';
import { type Sellable, sellables } from '#domain/shop/sellable.ts';
import { setting } from '#domain/system/settings.ts';
import type { Id } from '#platform/id.ts';
import { type CartItemRow, type CartRow, cartOf, itemsIn } from './carts.ts';
import { isBuyable, problemsOf } from './check-items.ts';
import { usableCoupons } from './coupons.ts';
import type { Refused } from './discounts.ts';
import { price } from './price.ts';
import type { PostalAddress, Quote, QuoteIssue } from './quote.ts';
import type { ShippingChoice } from './shipping.ts';
import { flatRates } from './tax.ts';

export interface QuoteWish {
  readonly user: Id<'user'>;
  /** Without it there is neither shipping nor tax in the quote. */
  readonly shipTo?: PostalAddress | undefined;
  readonly methods?: ShippingChoice | undefined;
  /** In upper case; those of the cart unless said. */
  readonly coupons?: readonly string[] | undefined;
}

/** A line of a cart beside what it is today. */
export interface CheckedItem {
  readonly item: CartItemRow;
  readonly sellable: Sellable | undefined;
  readonly shop: ShopRow | undefined;
  readonly problems: readonly QuoteIssue['code'][];
}

export interface CheckedCart {
  readonly cart: CartRow | null;
  readonly currency: string;
  readonly items: readonly CheckedItem[];
}

/** A person's cart with today's prices and stock; empty for who has none. */
export async function checkedCart(user: Id<'user'>): Promise<CheckedCart> {
  const cart = await cartOf(user);
  const currency = await setting('wallet.currency');
  const items = cart ? await itemsIn(cart._id) : [];
  const goods = await sellables(items.map(({ variant }) => variant));
  const shops = await shopsById([...goods.values()].map(({ shop }) => shop));
  const checked = items.map((item): CheckedItem => {
    const sellable = goods.get(item.variant.toHexString());
    const shop = sellable && shops.get(sellable.shop.toHexString());
    const problems = problemsOf(item, { buyer: user, currency, sellable, shop });
    return { item, sellable, shop, problems };
  });
  return { cart, currency, items: checked };
}

/**
 * What the selected lines of a cart cost now, and what stands in the way of buying them. Lines that
 * cannot be bought are named in the issues and are no part of the sum.
 */
export const quoteCart = async (wish: QuoteWish, now: Date): Promise<Quote> =>
  quoteOf(await checkedCart(wish.user), wish, now);

/** The quote of a cart that has been read. */
export async function quoteOf(
  { cart, currency, items }: CheckedCart,
  { user, shipTo, methods = {}, coupons = cart?.coupons ?? [] }: QuoteWish,
  now: Date,
): Promise<Quote> {
  const selected = items.filter(({ item }) => item.selected);
  const buyable = selected.filter(({ problems }) => isBuyable(problems));
  const goods = buyable.flatMap(({ item: { _id: item, quantity, source }, sellable }) =>
    sellable ? [{ item, quantity, source, sellable }] : [],
  );
  const shops = new Map(
    buyable.flatMap(({ shop }) => (shop ? [[shop._id.toHexString(), shop] as const] : [])),
  );
  const shopIds = [...shops.values()].map(({ _id }) => _id);
  const { usable, refused } = await usableCoupons(user, coupons, shopIds, now);
  const commissionBps = await setting('shop.commissionBps');
  const priced = price({
    ...{ goods, shops, methods, commissionBps },
    country: shipTo?.country,
    coupons: usable,
    taxes: flatRates,
  });
  const undeliverable = shipTo ? priced.shops.filter(({ method }) => method === null) : [];
  return {
    currency,
    shops: priced.shops,
    totalMinor: priced.totalMinor,
    issues: [
      ...selected.flatMap(({ item, problems }) =>
        problems.map((code) => ({ code, item: item._id })),
      ),
      ...undeliverable.map(({ shop }) => ({ code: 'not_deliverable' as const, shop })),
      ...[...refused, ...priced.refused].map(refusal),
    ],
  };
}

const refusal = ({ code: coupon, reason, shop }: Refused): QuoteIssue => ({
  code: 'coupon_refused',
  ...{ coupon, reason },
  ...(shop && { shop }),
});
