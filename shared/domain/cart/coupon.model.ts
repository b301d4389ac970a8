import { type Claim, claimsField } from '#platform/claim.ts';
import {
  collection,
  date,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredText,
  requiredWhole,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const COUPON_KINDS = ['percent', 'amount', 'shipping'] as const;
export const COUPON_SCOPES = ['all', 'products', 'categories'] as const;

/** What a counter starts at when there is no limit. */
export const UNLIMITED = 1_000_000_000_000_000;

/** A discount for who knows its code. Amounts are minor units of the carts' currency. */
export interface Coupon {
  /** Whose it is, and who pays for it; null is the platform. */
  readonly shop: Id<'shop'> | null;
  /** In upper case. */
  readonly code: string;
  readonly funding: 'seller' | 'platform';
  readonly kind: (typeof COUPON_KINDS)[number];
  /** Basis points of the goods (`percent`) or of their shipping (`shipping`), or an `amount`. */
  readonly value: number;
  /** The most it takes off one checkout. */
  readonly capMinor?: number;
  /** What the goods it is for must cost at least, before discounts. */
  readonly minSpendMinor: number;
  /** Which goods it is for, by the ids of products or categories. */
  readonly scope: { readonly type: (typeof COUPON_SCOPES)[number]; readonly ids: readonly Id[] };
  readonly startsAt: Date;
  readonly endsAt?: Date;
  /** All it may ever take, and how often; absent is without limit. */
  readonly budget: { readonly limitMinor?: number; readonly uses?: number };
  /** What is left of the budget; of no limit, what is left of `UNLIMITED`. See coupon-use.ts. */
  readonly minorLeft: number;
  readonly usesLeft: number;
  readonly claims: readonly Claim<'checkout'>[];
  /** How often one person may use it. */
  readonly perUser: number;
  readonly status: 'active' | 'stopped';
  readonly version: number;
}

const left = { ...requiredWhole, min: 0 } as const;

export const Coupons = collection<Coupon>('Coupon', {
  fields: {
    shop: { ...ref('Shop'), default: null },
    code: requiredText,
    funding: oneOf(['seller', 'platform']),
    kind: oneOf(COUPON_KINDS),
    value: { ...requiredWhole, min: 1 },
    capMinor: whole,
    minSpendMinor: { ...requiredWhole, default: 0 },
    scope: {
      type: part({ type: oneOf(COUPON_SCOPES, 'all'), ids: { type: [ref('Any')], default: [] } }),
      default: { type: 'all', ids: [] },
    },
    startsAt: requiredDate,
    endsAt: date,
    budget: { type: part({ limitMinor: whole, uses: whole }), default: {} },
    minorLeft: left,
    usesLeft: left,
    claims: claimsField,
    perUser: { ...requiredWhole, default: 1, min: 1 },
    status: oneOf(['active', 'stopped'], 'active'),
    version,
  },
  indexes: [
    [{ shop: 1, code: 1 }, { unique: true }], // couponOf, couponsFor
    [{ shop: 1, _id: -1 }], // couponsOfShop
    [{ 'claims.at': 1 }], // staleClaims
  ],
  personalData: 'none',
});
