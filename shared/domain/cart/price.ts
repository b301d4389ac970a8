import type { ShippingProfile } from '#domain/sellers/shops.ts';
import type { Sellable } from '#domain/shop/sellable.ts';
import type { Id } from '#platform/id.ts';
import { shareOf } from '#platform/money.ts';
import {
  type Chosen,
  type CouponTerms,
  choose,
  type Reducible,
  type Refused,
} from './discounts.ts';
import type { QuoteCoupon, QuoteLine, ShopQuote, Source } from './quote.ts';
import { methodFor, profileFor, type ShippingChoice, shippingCost } from './shipping.ts';
import { SHIPPING_TAX_CLASS, type Taxes } from './tax.ts';

/** Some of one variant that somebody wants. */
export interface Goods {
  readonly item: Id<'cartItem'>;
  readonly sellable: Sellable;
  readonly quantity: number;
  readonly source: Source;
}

/** What a shop asks for beside its prices. */
export interface ShopTerms {
  readonly shipping: readonly ShippingProfile[];
  readonly commissionBps?: number | undefined;
}

export interface Pricing {
  readonly goods: readonly Goods[];
  /** The shops of all goods, by their ids in hex. */
  readonly shops: ReadonlyMap<string, ShopTerms>;
  /** Where it goes; without it there is neither shipping nor tax. */
  readonly country: string | undefined;
  readonly methods: ShippingChoice;
  /** In the order in which they are tried. */
  readonly coupons: readonly CouponTerms[];
  readonly taxes: Taxes;
  /** Where neither category nor shop says what the platform keeps. */
  readonly commissionBps: number;
}

export interface Priced {
  readonly shops: readonly ShopQuote[];
  readonly totalMinor: number;
  readonly refused: readonly Refused[];
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** The goods of one shop, on their way to their price. */
interface Parcel
  extends Pick<ShopQuote, 'shop' | 'seller' | 'method' | 'methods' | 'handlingDays'> {
  readonly goods: readonly Goods[];
  readonly terms: ShopTerms;
  readonly itemsMinor: number;
  readonly shippingMinor: number;
}

/**
 * What goods cost. The seller's coupon goes first, then the platform's on what is left; tax is
 * added to what the buyer pays. The same goods cost the same in whatever order they come.
 */
export function price({ goods, shops, coupons, ...rest }: Pricing): Priced {
  const parcels = parcelsOf(goods, shops, rest);
  const sellers = parcels.map((parcel) => {
    const own = coupons.filter(({ shop }) => shop?.equals(parcel.shop));
    return choose(own, reducible(parcel, 0), [parcel.shippingMinor]);
  });
  const lines = parcels.flatMap((parcel, at) => reducible(parcel, at, sellers[at]?.chosen));
  const shippingLeft = parcels.map(
    ({ shippingMinor }, at) => shippingMinor - (sellers[at]?.chosen?.reduction.shipping[0] ?? 0),
  );
  const platform = choose(
    coupons.filter(({ shop }) => shop === null),
    lines,
    shippingLeft,
  );
  const quotes = parcels.map((parcel, at) => {
    const ours = platform.chosen && partOf(platform.chosen, lines, at);
    return quoteOf(parcel, sellers[at]?.chosen, ours, rest);
  });
  return {
    shops: quotes,
    totalMinor: sum(quotes.map(({ totalMinor }) => totalMinor)),
    refused: [...sellers, platform].flatMap(({ refused }) => refused),
  };
}

const hexOf = ({ sellable, item }: Goods): string =>
  sellable.variant.toHexString() + item.toHexString();
const byHex = (one: Goods, other: Goods): number => (hexOf(one) < hexOf(other) ? -1 : 1);

function parcelsOf(
  goods: readonly Goods[],
  shops: Pricing['shops'],
  { country, methods }: Pick<Pricing, 'country' | 'methods'>,
): Parcel[] {
  const byShop = Map.groupBy([...goods].sort(byHex), ({ sellable }) => sellable.shop.toHexString());
  const keys = [...byShop.keys()].sort();
  return keys.flatMap((key) => {
    const own = byShop.get(key) ?? [];
    const [first] = own;
    const terms = shops.get(key);
    if (!first || !terms) return [];
    const profile = country === undefined ? undefined : profileFor(terms.shipping, country);
    const itemsMinor = sum(own.map(({ sellable, quantity }) => sellable.priceMinor * quantity));
    const pieces = sum(own.map(({ quantity }) => quantity));
    const offered = profile?.methods ?? [];
    const method = methodFor(offered, methods[key], itemsMinor, pieces);
    return {
      ...{ goods: own, terms, itemsMinor, method },
      shop: first.sellable.shop,
      seller: first.sellable.seller,
      methods: offered,
      handlingDays: profile?.handlingDays ?? 0,
      shippingMinor: method ? shippingCost(method, itemsMinor, pieces) : 0,
    };
  });
}

const reducible = ({ goods }: Parcel, parcel: number, seller?: Chosen): Reducible[] =>
  goods.map(({ sellable: { product, category, priceMinor }, quantity }, at) => {
    const itemsMinor = priceMinor * quantity;
    const leftMinor = itemsMinor - (seller?.reduction.lines[at] ?? 0);
    return { product, category, parcel, itemsMinor, leftMinor };
  });

/** What a coupon of several parcels takes from one of them. */
function partOf({ coupon, reduction }: Chosen, lines: readonly Reducible[], at: number): Chosen {
  const own = reduction.lines.filter((_, line) => lines[line]?.parcel === at);
  const shipping = [reduction.shipping[at] ?? 0];
  return {
    coupon,
    reduction: { lines: own, shipping, totalMinor: sum([...own, ...shipping]) },
  };
}

function quoteOf(
  { goods, terms, ...parcel }: Parcel,
  seller: Chosen | undefined,
  platform: Chosen | undefined,
  { country, taxes, commissionBps }: Pick<Pricing, 'country' | 'taxes' | 'commissionBps'>,
): ShopQuote {
  const taxOn = (amountMinor: number, taxClass: Sellable['taxClass']): number =>
    country === undefined ? 0 : shareOf(amountMinor, taxes.rateBps(country, taxClass));
  const lines = goods.map(({ sellable, ...line }, at): QuoteLine => {
    const itemsMinor = sellable.priceMinor * line.quantity;
    const sellerDiscountMinor = seller?.reduction.lines[at] ?? 0;
    const platformDiscountMinor = platform?.reduction.lines[at] ?? 0;
    const paidMinor = itemsMinor - sellerDiscountMinor - platformDiscountMinor;
    return {
      ...{ ...line, sellable, itemsMinor, sellerDiscountMinor, platformDiscountMinor },
      taxMinor: taxOn(paidMinor, sellable.taxClass),
      commissionBps: sellable.commissionBps ?? terms.commissionBps ?? commissionBps,
    };
  });
  const sellerShippingDiscountMinor = seller?.reduction.shipping[0] ?? 0;
  const platformShippingDiscountMinor = platform?.reduction.shipping[0] ?? 0;
  const shippingTaxMinor = taxOn(
    parcel.shippingMinor - sellerShippingDiscountMinor - platformShippingDiscountMinor,
    SHIPPING_TAX_CLASS,
  );
  const coupons = [seller, platform].flatMap((chosen) => couponOf(chosen) ?? []);
  const discountMinor = sum(coupons.map((coupon) => coupon.discountMinor));
  const taxMinor = sum(lines.map((line) => line.taxMinor)) + shippingTaxMinor;
  return {
    ...parcel,
    ...{ lines, coupons, sellerShippingDiscountMinor, platformShippingDiscountMinor },
    ...{ shippingTaxMinor, discountMinor, taxMinor },
    totalMinor: parcel.itemsMinor - discountMinor + parcel.shippingMinor + taxMinor,
  };
}

const couponOf = (chosen: Chosen | undefined): QuoteCoupon | undefined =>
  chosen && chosen.reduction.totalMinor > 0
    ? {
        coupon: chosen.coupon._id,
        code: chosen.coupon.code,
        funding: chosen.coupon.funding,
        discountMinor: chosen.reduction.totalMinor,
      }
    : undefined;
