import { z } from 'zod';
import { ShopCard, toShopCard } from '#domain/sellers/shops.ts';
import { IdText } from '#platform/id.ts';
import { couponsIn, IssueView, Totals, toIssueView, totalsOf } from './cart-view.ts';
import type { QuoteLine, ShopQuote } from './quote.ts';
import { checkedCart, type QuoteWish, quoteOf } from './quote-cart.ts';
import { shippingCost } from './shipping.ts';

const ShippingOption = z.object({
  code: z.string(),
  name: z.string(),
  costMinor: z.int(),
  minDays: z.int(),
  maxDays: z.int(),
});

const QuotedLine = z.object({
  itemId: IdText,
  productId: IdText,
  variantId: IdText,
  title: z.string(),
  quantity: z.int(),
  priceMinor: z.int(),
  itemsMinor: z.int(),
  discountMinor: z.int(),
  taxMinor: z.int(),
});

const QuotedShop = z.object({
  shop: ShopCard,
  lines: z.array(QuotedLine),
  coupons: z.array(
    z.object({ code: z.string(), funding: z.enum(['seller', 'platform']), discountMinor: z.int() }),
  ),
  shipping: z.object({
    /** The code of the option that is counted; null without an address, or where it cannot go. */
    method: z.string().nullable(),
    options: z.array(ShippingOption),
    handlingDays: z.int(),
  }),
  itemsMinor: z.int(),
  shippingMinor: z.int(),
  /** Of lines and shipping. */
  discountMinor: z.int(),
  taxMinor: z.int(),
  totalMinor: z.int(),
});

/** What a checkout would cost, by shop. Amounts are minor units of `totals.currency`. */
export const QuoteView = z.object({
  shops: z.array(QuotedShop),
  totals: Totals,
  coupons: QuotedShop.shape.coupons,
  issues: z.array(IssueView),
});

/** A quote of a person's cart with its shops by name. */
export async function viewQuote(wish: QuoteWish, now: Date): Promise<z.infer<typeof QuoteView>> {
  const checked = await checkedCart(wish.user);
  const quote = await quoteOf(checked, wish, now);
  const cards = new Map(
    checked.items.flatMap(({ shop }) =>
      shop ? [[shop._id.toHexString(), toShopCard(shop)] as const] : [],
    ),
  );
  return {
    shops: quote.shops.flatMap((shop) => {
      const card = cards.get(shop.shop.toHexString());
      return card ? [toQuotedShop(shop, card)] : [];
    }),
    totals: totalsOf(quote),
    coupons: couponsIn(quote.shops),
    issues: quote.issues.map(toIssueView),
  };
}

function toQuotedShop(quote: ShopQuote, shop: ShopCard): z.infer<typeof QuotedShop> {
  const { itemsMinor, shippingMinor, discountMinor, taxMinor, totalMinor } = quote;
  const pieces = quote.lines.reduce((all, { quantity }) => all + quantity, 0);
  return {
    shop,
    lines: quote.lines.map(toQuotedLine),
    coupons: couponsIn([quote]),
    shipping: {
      method: quote.method?.code ?? null,
      options: quote.methods.map((method) => ({
        ...{ code: method.code, name: method.name },
        costMinor: shippingCost(method, itemsMinor, pieces),
        ...{ minDays: method.minDays, maxDays: method.maxDays },
      })),
      handlingDays: quote.handlingDays,
    },
    ...{ itemsMinor, shippingMinor, discountMinor, taxMinor, totalMinor },
  };
}

const toQuotedLine = ({ item, sellable, ...line }: QuoteLine): z.infer<typeof QuotedLine> => ({
  itemId: item.toHexString(),
  productId: sellable.product.toHexString(),
  variantId: sellable.variant.toHexString(),
  title: sellable.title,
  quantity: line.quantity,
  priceMinor: sellable.priceMinor,
  itemsMinor: line.itemsMinor,
  discountMinor: line.sellerDiscountMinor + line.platformDiscountMinor,
  taxMinor: line.taxMinor,
});
