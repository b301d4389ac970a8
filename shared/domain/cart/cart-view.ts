import { z } from 'zod';
import { ShopCard, toShopCard } from '#domain/sellers/shops.ts';
import { type Id, IdText } from '#platform/id.ts';
import type { Quote, QuoteIssue, ShopQuote } from './quote.ts';
import { type CheckedItem, checkedCart, quoteOf } from './quote-cart.ts';

const IssueCode = z.enum([
  'sold_out',
  'not_enough_stock',
  'not_offered',
  'price_changed',
  'own_product',
  'shop_closed',
  'not_deliverable',
  'coupon_refused',
]);

/** What stands in the way of a checkout: of which line, shop or coupon, and of a coupon why. */
export const IssueView = z.object({
  code: IssueCode,
  itemId: IdText.optional(),
  shopId: IdText.optional(),
  coupon: z.string().optional(),
  reason: z.string().optional(),
});

/** Sums over what is selected and can be bought, in minor units. */
export const Totals = z.object({
  currency: z.string(),
  /** Pieces. */
  quantity: z.int(),
  itemsMinor: z.int(),
  discountMinor: z.int(),
  shippingMinor: z.int(),
  taxMinor: z.int(),
  totalMinor: z.int(),
});

export const CartItemView = z.object({
  id: IdText,
  productId: IdText,
  variantId: IdText,
  quantity: z.int(),
  selected: z.boolean(),
  /** Null, as the price, of what is gone. */
  title: z.string().nullable(),
  optionValues: z.record(z.string(), z.string()),
  imageUrl: z.string().nullable(),
  /** Of one piece, today. */
  priceMinor: z.int().nullable(),
  priceSeenMinor: z.int(),
  compareAtMinor: z.int().nullable(),
  /** Of the whole line. */
  itemsMinor: z.int().nullable(),
  available: z.int(),
  shop: ShopCard.nullable(),
  issues: z.array(IssueCode),
});

const AppliedCoupon = z.object({
  code: z.string(),
  funding: z.enum(['seller', 'platform']),
  discountMinor: z.int(),
});

export const CartView = z.object({
  cart: z.object({
    /** Null of a cart that has never held anything. */
    id: IdText.nullable(),
    currency: z.string(),
    version: z.int(),
    /** The codes that are set, whether or not they fit at the moment. */
    codes: z.array(z.string()),
    coupons: z.array(AppliedCoupon),
  }),
  items: z.array(CartItemView),
  totals: Totals,
  issues: z.array(IssueView),
});
export type CartView = z.infer<typeof CartView>;

/** A person's cart as it is now. */
export async function viewCart(user: Id<'user'>, now: Date): Promise<CartView> {
  const checked = await checkedCart(user);
  const quote = await quoteOf(checked, { user }, now);
  const { cart, currency, items } = checked;
  return {
    cart: {
      id: cart?._id.toHexString() ?? null,
      currency,
      version: cart?.version ?? 0,
      codes: [...(cart?.coupons ?? [])],
      coupons: couponsIn(quote.shops),
    },
    items: items.map(toItemView),
    totals: totalsOf(quote),
    issues: quote.issues.map(toIssueView),
  };
}

/** A cart after one of its lines was changed; null of a line that is no longer there. */
export async function viewItem(user: Id<'user'>, item: Id<'cartItem'>, now: Date) {
  const { items, totals } = await viewCart(user, now);
  return { item: items.find(({ id }) => id === item.toHexString()) ?? null, totals };
}

const toItemView = ({
  item,
  sellable,
  shop,
  problems,
}: CheckedItem): z.infer<typeof CartItemView> => ({
  id: item._id.toHexString(),
  productId: item.product.toHexString(),
  variantId: item.variant.toHexString(),
  quantity: item.quantity,
  selected: item.selected,
  title: sellable?.title ?? null,
  optionValues: { ...sellable?.optionValues },
  imageUrl: sellable?.imageUrl ?? null,
  priceMinor: sellable?.priceMinor ?? null,
  priceSeenMinor: item.priceSeen,
  compareAtMinor: sellable?.compareAtMinor ?? null,
  itemsMinor: sellable ? sellable.priceMinor * item.quantity : null,
  available: sellable?.offered ? sellable.available : 0,
  shop: shop ? toShopCard(shop) : null,
  issues: [...problems],
});

export const toIssueView = (issue: QuoteIssue): z.infer<typeof IssueView> => ({
  code: issue.code,
  ...(issue.item && { itemId: issue.item.toHexString() }),
  ...(issue.shop && { shopId: issue.shop.toHexString() }),
  ...(issue.coupon !== undefined && { coupon: issue.coupon }),
  ...(issue.reason !== undefined && { reason: issue.reason }),
});

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

export const totalsOf = ({ currency, shops, totalMinor }: Quote): z.infer<typeof Totals> => ({
  currency,
  quantity: sum(shops.flatMap(({ lines }) => lines.map(({ quantity }) => quantity))),
  itemsMinor: sum(shops.map(({ itemsMinor }) => itemsMinor)),
  discountMinor: sum(shops.map(({ discountMinor }) => discountMinor)),
  shippingMinor: sum(shops.map(({ shippingMinor }) => shippingMinor)),
  taxMinor: sum(shops.map(({ taxMinor }) => taxMinor)),
  totalMinor,
});

/** Each coupon once, with all that it takes off. */
export function couponsIn(shops: readonly ShopQuote[]): z.infer<typeof AppliedCoupon>[] {
  const parts = shops.flatMap(({ coupons }) => coupons);
  const byId = Map.groupBy(parts, ({ coupon }) => coupon.toHexString());
  return [...byId.values()].flatMap((own) => {
    const discountMinor = sum(own.map((part) => part.discountMinor));
    return own.slice(0, 1).map(({ code, funding }) => ({ code, funding, discountMinor }));
  });
}
