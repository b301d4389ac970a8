import { randomInt } from 'node:crypto';
import type { PostalAddress, Quote, QuoteLine, ShopQuote } from '#domain/cart/quote.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { shareOf } from '#platform/money.ts';
import type { Order } from './order.model.ts';
import type { OrderLine } from './order-line.ts';
import { commissionable } from './shares.ts';

export type NewOrder = Order & { readonly _id: Id<'order'> };

/** What creators earn, by `product:creator` in hex. */
export type Rates = ReadonlyMap<string, { readonly offer: Id<'offer'>; readonly rateBps: number }>;

export interface Placing {
  readonly checkout: Id<'checkout'>;
  readonly operation: string;
  readonly buyer: Id<'user'>;
  readonly address: PostalAddress;
  readonly note?: string | undefined;
  readonly rates: Rates;
  /** When the stock is given to others unless it is paid. */
  readonly payBy: Date;
}

/** The orders that a quote becomes, one for each shop, as they are first written down. */
export const newOrders = (quote: Quote, placing: Placing, now: Date): NewOrder[] =>
  quote.shops.map((shop, index) => ({
    ...newOrder(shop, quote.currency, placing, now),
    ...(index === 0 && { operation: placing.operation }),
  }));

function newOrder(shop: ShopQuote, currency: string, placing: Placing, now: Date): NewOrder {
  const { checkout, buyer, address, note, payBy } = placing;
  if (!shop.method) throw new Error(`No way to ship from shop ${shop.shop.toHexString()}`);
  const { code, name, minDays, maxDays } = shop.method;
  return {
    _id: newId<'order'>(),
    orderNo: orderNumber(now),
    checkout,
    buyer,
    shop: shop.shop,
    seller: shop.seller,
    currency,
    lines: shop.lines.map((line) => newLine(line, placing)),
    itemsMinor: shop.itemsMinor,
    discountMinor: shop.discountMinor,
    shippingMinor: shop.shippingMinor,
    sellerShippingDiscountMinor: shop.sellerShippingDiscountMinor,
    platformShippingDiscountMinor: shop.platformShippingDiscountMinor,
    shippingTaxMinor: shop.shippingTaxMinor,
    taxMinor: shop.taxMinor,
    totalMinor: shop.totalMinor,
    coupons: shop.coupons,
    shippingMethod: { code, name, minDays, maxDays },
    address,
    status: 'pending_payment',
    deadline: { kind: 'pay', at: payBy },
    refunded: { itemsMinor: 0, shippingMinor: 0, taxMinor: 0, goodwillMinor: 0 },
    returnStatus: 'none',
    ...(note && { note }),
    timeline: [{ status: 'pending_payment', at: now, by: buyer }],
    version: 0,
  };
}

function newLine(line: QuoteLine, placing: Placing): OrderLine {
  const { sellable, quantity, itemsMinor, sellerDiscountMinor, platformDiscountMinor } = line;
  const { product, variant, category, title, sku, optionValues, imageUrl, priceMinor } = sellable;
  const { content, live } = line.source;
  const affiliate = affiliateOf(line, placing);
  return {
    id: newId<'line'>(),
    product,
    variant,
    category,
    title,
    sku,
    optionValues,
    ...(imageUrl !== null && { imageUrl }),
    ...((content || live) && { source: { ...(content && { content }), ...(live && { live }) } }),
    quantity,
    unitMinor: priceMinor,
    itemsMinor,
    sellerDiscountMinor,
    platformDiscountMinor,
    taxMinor: line.taxMinor,
    feeMinor: shareOf(commissionable(line), line.commissionBps),
    ...(affiliate && { affiliate }),
    shippedQuantity: 0,
    cancelledQuantity: 0,
    refundedQuantity: 0,
  };
}

/** The creators who may earn with a quote. Nobody earns with what they buy themselves. */
export const affiliateWishes = (quote: Quote, buyer: Id<'user'>) =>
  quote.shops.flatMap(({ lines }) =>
    lines.flatMap(({ sellable: { product }, source: { affiliate: creator } }) =>
      creator && !sameId(creator, buyer) ? [{ product, creator }] : [],
    ),
  );

function affiliateOf(line: QuoteLine, { rates, buyer }: Placing): OrderLine['affiliate'] {
  const { affiliate: creator, content, live } = line.source;
  if (!creator || sameId(creator, buyer)) return undefined;
  const rate = rates.get(`${line.sellable.product.toHexString()}:${creator.toHexString()}`);
  return (
    rate && {
      ...rate,
      creator,
      amountMinor: shareOf(commissionable(line), rate.rateBps),
      ...(content && { content }),
      ...(live && { live }),
    }
  );
}

/** No letters that are taken for others or for digits. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `261103-7K3D9-QX2VA`: the day, and fifty bits by chance, to be read out on a telephone. */
function orderNumber(now: Date): string {
  const day = now.toISOString().slice(2, 10).replaceAll('-', '');
  const group = (): string =>
    Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${day}-${group()}-${group()}`;
}
