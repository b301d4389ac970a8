import type { ShippingMethod } from '#domain/sellers/shops.ts';
import type { Sellable } from '#domain/shop/sellable.ts';
import type { Id } from '#platform/id.ts';

/** Where a parcel or an invoice goes, as it was when it was used. */
export interface PostalAddress {
  readonly name: string;
  readonly phone: string;
  readonly lines: readonly string[];
  readonly city: string;
  readonly region: string;
  readonly postcode: string;
  /** An ISO code. */
  readonly country: string;
}

/** How a buyer came to a product. */
export interface Source {
  readonly content?: Id<'content'> | undefined;
  readonly live?: Id<'live'> | undefined;
  /** The creator who showed it; whether they earn from it is decided at checkout. */
  readonly affiliate?: Id<'user'> | undefined;
}

/** One line at today's price. All amounts are of the whole line, in minor units. */
export interface QuoteLine {
  readonly item: Id<'cartItem'>;
  readonly sellable: Sellable;
  readonly quantity: number;
  /** Price × quantity. */
  readonly itemsMinor: number;
  /** This line's share of the seller's coupon, and of the platform's. */
  readonly sellerDiscountMinor: number;
  readonly platformDiscountMinor: number;
  /** On what the buyer pays for it. */
  readonly taxMinor: number;
  /** Of a price paid to the platform: bps of items less the seller's discount. */
  readonly commissionBps: number;
  readonly source: Source;
}

export interface QuoteCoupon {
  readonly coupon: Id<'coupon'>;
  readonly code: string;
  readonly funding: 'seller' | 'platform';
  /** What it takes off this order, on items and shipping together. */
  readonly discountMinor: number;
}

/** What becomes one order: the lines of one shop. */
export interface ShopQuote {
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly lines: readonly QuoteLine[];
  readonly coupons: readonly QuoteCoupon[];
  /** Chosen, or the cheapest; null while there is no address, or when the shop does not ship there. */
  readonly method: ShippingMethod | null;
  readonly methods: readonly ShippingMethod[];
  readonly handlingDays: number;
  /** Before discounts. */
  readonly shippingMinor: number;
  readonly sellerShippingDiscountMinor: number;
  readonly platformShippingDiscountMinor: number;
  readonly shippingTaxMinor: number;
  readonly itemsMinor: number;
  /** Of lines and shipping. */
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** Why a line, a coupon or a shop cannot go through checkout as it is. */
export interface QuoteIssue {
  readonly code:
    | 'sold_out'
    | 'not_enough_stock'
    | 'not_offered'
    | 'price_changed'
    | 'own_product'
    | 'shop_closed'
    | 'not_deliverable'
    | 'coupon_refused';
  readonly item?: Id<'cartItem'>;
  readonly shop?: Id<'shop'>;
  /** Of a coupon: which one, and why. */
  readonly coupon?: string;
  readonly reason?: string;
}

/** What a cart costs now, and what stands in its way. Priced, never promised. */
export interface Quote {
  readonly currency: string;
  readonly shops: readonly ShopQuote[];
  readonly totalMinor: number;
  readonly issues: readonly QuoteIssue[];
}
