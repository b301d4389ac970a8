import { type Id, sameId } from '#platform/id.ts';
import { allocate, shareOf } from '#platform/money.ts';
import type { Coupon } from './coupon.model.ts';

/** All that pricing needs to know of a coupon. */
export type CouponTerms = Pick<
  Coupon,
  | 'shop'
  | 'code'
  | 'funding'
  | 'kind'
  | 'value'
  | 'capMinor'
  | 'minSpendMinor'
  | 'scope'
  | 'minorLeft'
> & { readonly _id: Id<'coupon'> };

/** Why a code does nothing. */
export type Refusal =
  | 'unknown'
  | 'not_started'
  | 'ended'
  | 'used_up'
  | 'used_by_you'
  | 'not_for_these'
  | 'min_spend'
  | 'only_one';

/** A line that a coupon may take from. */
export interface Reducible {
  readonly product: Id<'product'>;
  readonly category: Id<'category'>;
  /** The parcel it goes in, by its position. */
  readonly parcel: number;
  /** Before discounts. */
  readonly itemsMinor: number;
  /** What is still to pay for it. */
  readonly leftMinor: number;
}

/** What a coupon takes from each line and from the shipping of each parcel, in their order. */
export interface Reduction {
  readonly lines: readonly number[];
  readonly shipping: readonly number[];
  readonly totalMinor: number;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/**
 * What a coupon takes off, never more than is left to pay. `shippingLeft` is what is still to pay
 * for each parcel.
 */
export function reductionBy(
  coupon: CouponTerms,
  lines: readonly Reducible[],
  shippingLeft: readonly number[],
): Reduction | Refusal {
  const eligible = lines.filter((line) => isFor(coupon, line));
  if (eligible.length === 0) return 'not_for_these';
  if (sum(eligible.map(({ itemsMinor }) => itemsMinor)) < coupon.minSpendMinor) return 'min_spend';
  const none = { lines: lines.map(() => 0), shipping: shippingLeft.map(() => 0) };
  const parcels = new Set(eligible.map(({ parcel }) => parcel));
  const weights =
    coupon.kind === 'shipping'
      ? shippingLeft.map((left, parcel) => (parcels.has(parcel) ? left : 0))
      : lines.map((line) => (isFor(coupon, line) ? line.leftMinor : 0));
  const totalMinor = amountOff(coupon, sum(weights));
  if (totalMinor > coupon.minorLeft) return 'used_up';
  const shares = totalMinor === 0 ? weights.map(() => 0) : allocate(totalMinor, weights);
  return { ...none, totalMinor, [coupon.kind === 'shipping' ? 'shipping' : 'lines']: shares };
}

const amountOff = ({ kind, value, capMinor }: CouponTerms, baseMinor: number): number =>
  Math.min(kind === 'amount' ? value : shareOf(baseMinor, value), capMinor ?? baseMinor, baseMinor);

const isFor = ({ scope: { type, ids } }: CouponTerms, line: Reducible): boolean =>
  type === 'all' ||
  ids.some((id) => sameId(id, type === 'products' ? line.product : line.category));

export interface Chosen {
  readonly coupon: CouponTerms;
  readonly reduction: Reduction;
}
export interface Refused {
  readonly code: string;
  readonly reason: Refusal;
  readonly shop: Id<'shop'> | null;
}

/** The first coupon that takes anything off, and why the others do not. */
export function choose(
  coupons: readonly CouponTerms[],
  lines: readonly Reducible[],
  shippingLeft: readonly number[],
): { readonly chosen: Chosen | undefined; readonly refused: readonly Refused[] } {
  let chosen: Chosen | undefined;
  const refused: Refused[] = [];
  for (const coupon of coupons) {
    const reduction = chosen ? 'only_one' : reductionBy(coupon, lines, shippingLeft);
    if (typeof reduction === 'string')
      refused.push({ code: coupon.code, reason: reduction, shop: coupon.shop });
    else if (reduction.totalMinor > 0) chosen = { coupon, reduction };
  }
  return { chosen, refused };
}
