import { z } from 'zod';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { COUPON_KINDS, COUPON_SCOPES, type Coupon, Coupons } from './coupon.model.ts';
import type { CouponRow } from './coupons.ts';
import { usedOf } from './save-coupon.ts';

/** A coupon as those see it who made it. */
export const CouponView = z.object({
  id: IdText,
  code: z.string(),
  funding: z.enum(['seller', 'platform']),
  kind: z.enum(COUPON_KINDS),
  value: z.int(),
  capMinor: z.int().nullable(),
  minSpendMinor: z.int(),
  scope: z.object({ type: z.enum(COUPON_SCOPES), ids: z.array(IdText) }),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime().nullable(),
  budget: z.object({ limitMinor: z.int().nullable(), uses: z.int().nullable() }),
  /** Checkouts under way included. */
  used: z.object({ minor: z.int(), uses: z.int() }),
  perUser: z.int(),
  status: z.enum(['active', 'stopped']),
});
export type CouponView = z.infer<typeof CouponView>;

export const toCouponView = (coupon: CouponRow): CouponView => ({
  id: coupon._id.toHexString(),
  code: coupon.code,
  funding: coupon.funding,
  kind: coupon.kind,
  value: coupon.value,
  capMinor: coupon.capMinor ?? null,
  minSpendMinor: coupon.minSpendMinor,
  scope: { type: coupon.scope.type, ids: coupon.scope.ids.map((id) => id.toHexString()) },
  startsAt: coupon.startsAt.toISOString(),
  endsAt: coupon.endsAt?.toISOString() ?? null,
  budget: {
    limitMinor: coupon.budget.limitMinor ?? null,
    uses: coupon.budget.uses ?? null,
  },
  used: usedOf(coupon),
  perUser: coupon.perUser,
  status: coupon.status,
});

/** The coupons of a shop, newest first. */
export const couponsOfShop = (shop: Id<'shop'>, query: PageQuery): Promise<Page<CouponRow>> =>
  findPage<Coupon>({
    model: Coupons,
    where: { shop },
    sort: { field: '_id', direction: -1 },
    query,
    scope: `coupons:${shop.toHexString()}`,
  });
