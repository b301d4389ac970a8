import {
  collection,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredWhole,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** One use of a coupon. The row is what makes a claim on the coupon's budget last. */
export interface CouponRedemption {
  readonly coupon: Id<'coupon'>;
  readonly checkout: Id<'checkout'>;
  /** Absent of `void`. */
  readonly user?: Id<'user'>;
  /** What it takes off, and off which orders: those that were paid, or still can be. */
  readonly amountMinor: number;
  readonly orders: readonly { readonly order: Id<'order'>; readonly discountMinor: number }[];
  /** What the budget is to get back for orders that were never paid. */
  readonly owedMinor?: number;
  /** The person's first use, second, …; absent of a use that was given back. */
  readonly nth?: number;
  /**
   * `redeemed`; `returned`: none of its orders was paid; `void`: the checkout died between claim and
   * order, and can no longer redeem.
   */
  readonly status: 'redeemed' | 'returned' | 'void';
}

export const CouponRedemptions = collection<CouponRedemption>('CouponRedemption', {
  fields: {
    coupon: requiredRef('Coupon'),
    checkout: requiredRef('Checkout'),
    user: ref('User'),
    amountMinor: requiredWhole,
    orders: {
      type: [part({ order: requiredRef('Order'), discountMinor: requiredWhole })],
      default: [],
    },
    owedMinor: whole,
    nth: whole,
    status: oneOf(['redeemed', 'returned', 'void'], 'redeemed'),
  },
  indexes: [
    [{ checkout: 1, coupon: 1 }, { unique: true }], // a checkout uses a coupon once
    [
      { coupon: 1, user: 1, nth: 1 },
      { unique: true, partialFilterExpression: { nth: { $exists: true } } },
    ], // usesOf, and no more of them than a person may have
    [{ _id: 1, owedMinor: 1 }, { partialFilterExpression: { owedMinor: { $exists: true } } }], // owed
    [{ createdAt: 1 }, { expireAfterSeconds: 86_400, partialFilterExpression: { status: 'void' } }], // by then the transaction it kept out is long over
  ],
  personalData: {
    owner: ['user'],
    erase: 'retain',
    because: 'Part of the order, which is kept for ten years; the row holds ids and an amount.',
  },
});
