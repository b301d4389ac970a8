/** What goods cost and who gets what of it, in plain arithmetic that knows nothing of the product. */
import { COUPONS, type Coupon, productOf, SHOPS, TAX_BPS } from './cast.ts';

export interface Wanted {
  readonly product: number;
  readonly quantity: number;
  /** The creator showed it. */
  readonly promoted: boolean;
}

/** Amounts of the whole line. */
export interface Line extends Wanted {
  readonly items: number;
  readonly sellerOff: number;
  readonly platformOff: number;
  /** What the buyer pays, without tax. */
  readonly paid: number;
  readonly tax: number;
  readonly fee: number;
  readonly commission: number;
}

export interface Price {
  readonly shop: number;
  readonly lines: readonly Line[];
  readonly shipping: { readonly paid: number; readonly tax: number };
  readonly total: number;
  readonly coupons: readonly { readonly code: string; readonly minor: number }[];
}

export const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);
/** Of one of their amounts. */
export const sumOf = <Part extends string>(
  all: readonly Readonly<Record<Part, number>>[],
  part: Part,
): number => sum(all.map(({ [part]: amount }) => amount));
const bps = (amount: number, rate: number): number => Math.floor((amount * rate) / 10_000);

/** What of a line belongs to its first pieces; rounded down, so that all pieces get exactly all. */
export const upTo = (amount: number, pieces: number, of: number): number =>
  Math.floor((amount * pieces) / of);

/** Everybody’s part is rounded down; what is left goes one by one to those who lost most, the first first. */
export function spread(amount: number, weights: readonly number[]): number[] {
  const total = sum(weights);
  if (amount === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => Math.floor((amount * weight) / total));
  const lost = weights.map((weight, at) => ({ at, by: (amount * weight) % total }));
  lost.sort((a, b) => b.by - a.by || a.at - b.at);
  for (const { at } of lost.slice(0, amount - sum(parts))) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
}

/** What a coupon takes of lines of which so much is left; undefined where too little is bought for it. */
function takenBy(
  coupon: Coupon | undefined,
  items: readonly number[],
  left: readonly number[],
): number[] | undefined {
  if (!coupon) return items.map(() => 0);
  if (sum(items) < coupon.minSpend) return undefined;
  const all = sum(left);
  const wanted = coupon.kind === 'amount' ? coupon.value : bps(all, coupon.value);
  return spread(Math.min(wanted, coupon.cap, all), left);
}

/**
 * Prices what is wanted, sorted by shop, one price for each shop: a shop’s coupon goes first, the
 * platform’s then takes of what is left, tax is on what is paid. Undefined where a code cannot be
 * used for it.
 */
export function priceOf(
  wanted: readonly Wanted[],
  codes: readonly string[],
): readonly Price[] | undefined {
  const chosen = COUPONS.filter(({ code }) => codes.includes(code));
  const items = wanted.map(({ product, quantity }) => productOf(product).price * quantity);
  const shops = wanted.map(({ product }) => productOf(product).shop);
  const sellersOff = items.map(() => 0);
  for (const coupon of chosen.filter(({ shop }) => shop !== undefined)) {
    const theirs = items.filter((_, at) => shops[at] === coupon.shop);
    const off = takenBy(coupon, theirs, theirs);
    if (!off || theirs.length === 0) return undefined;
    off.forEach((minor, at) => (sellersOff[shops.indexOf(coupon.shop ?? 0) + at] = minor));
  }
  const left = items.map((item, at) => item - (sellersOff[at] ?? 0));
  const ours = chosen.find(({ shop }) => shop === undefined);
  const platformOff = takenBy(ours, items, left);
  if (!platformOff) return undefined;
  const lines = wanted.map((one, at): Line => {
    const { taxClass, feeBps, promoBps } = productOf(one.product);
    const [earned, off] = [left[at] ?? 0, platformOff[at] ?? 0];
    return {
      ...{ ...one, items: items[at] ?? 0, sellerOff: sellersOff[at] ?? 0, platformOff: off },
      ...{ paid: earned - off, tax: bps(earned - off, TAX_BPS[taxClass]) },
      ...{ fee: bps(earned, feeBps), commission: one.promoted ? bps(earned, promoBps) : 0 },
    };
  });
  return [...SHOPS.keys()]
    .filter((shop) => shops.includes(shop))
    .map((shop) =>
      parcel(
        shop,
        chosen,
        lines.filter((_, at) => shops[at] === shop),
      ),
    );
}

function parcel(shop: number, chosen: readonly Coupon[], lines: readonly Line[]): Price {
  const { shipping: rates, freeFrom } = SHOPS[shop] ?? SHOPS[0];
  const pieces = sumOf(lines, 'quantity');
  const free = sumOf(lines, 'items') >= freeFrom;
  const paid = free ? 0 : rates.rate + rates.perExtraPiece * (pieces - 1);
  const shipping = { paid, tax: bps(paid, TAX_BPS.standard) };
  const coupons = chosen.map(({ code, shop: of }) => ({
    code,
    minor: sum(
      lines.map((line) => (of === undefined ? line.platformOff : of === shop ? line.sellerOff : 0)),
    ),
  }));
  const all = sumOf(lines, 'paid') + sumOf(lines, 'tax') + shipping.paid + shipping.tax;
  return { shop, lines, shipping, total: all, coupons: coupons.filter(({ minor }) => minor > 0) };
}
