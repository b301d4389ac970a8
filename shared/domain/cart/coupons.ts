import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import { type Coupon, Coupons } from './coupon.model.ts';
import { CouponRedemptions } from './coupon-redemption.model.ts';
import type { Refusal, Refused } from './discounts.ts';

export type CouponRow = Coupon & Stored & { readonly _id: Id<'coupon'> };

/** `details` says which code, and why: `SUMMER: min_spend`. */
export class CouponRefused extends problem({
  code: 'coupon_refused',
  status: 409,
  error: 'This coupon cannot be used',
}) {}

/** What buyers type; compared in upper case. */
export const CouponCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9_-]{2,31}$/, '3 to 32 letters, digits, dashes and underscores');

/** The codes of one checkout; the first one that fits goes first. */
export const CouponCodes = z.array(CouponCode).max(10);

/** What these codes stand for with these shops and with the platform, in the order of the codes. */
export async function couponsFor(
  codes: readonly string[],
  shops: readonly Id<'shop'>[],
): Promise<CouponRow[]> {
  if (codes.length === 0) return [];
  const found = await Coupons.find({
    shop: { $in: [null, ...shops] },
    code: { $in: [...codes] },
  }).lean<CouponRow[]>();
  return found.sort((one, other) => codes.indexOf(one.code) - codes.indexOf(other.code));
}

/** How often this person has used each of these coupons, by the coupons' ids in hex. */
export async function usesOf(
  user: Id<'user'>,
  coupons: readonly Id<'coupon'>[],
): Promise<Map<string, number>> {
  if (coupons.length === 0) return new Map();
  const counted = await CouponRedemptions.aggregate<{ _id: Id<'coupon'>; uses: number }>([
    { $match: { coupon: { $in: [...coupons] }, user, nth: { $exists: true } } },
    { $group: { _id: '$coupon', uses: { $sum: 1 } } },
  ]);
  return new Map(counted.map(({ _id, uses }) => [_id.toHexString(), uses]));
}

/** Why a coupon cannot be used by somebody who has used it so often; undefined if it can. */
export function refusalOf(coupon: CouponRow, uses: number, now: Date): Refusal | undefined {
  const { status, startsAt, endsAt, usesLeft, minorLeft, perUser } = coupon;
  if (startsAt > now) return 'not_started';
  if (status === 'stopped' || (endsAt && endsAt <= now)) return 'ended';
  if (usesLeft < 1 || minorLeft < 1) return 'used_up';
  return uses >= perUser ? 'used_by_you' : undefined;
}

/** The coupons behind codes that this person can use now, and why the other codes do nothing. */
export async function usableCoupons(
  user: Id<'user'>,
  codes: readonly string[],
  shops: readonly Id<'shop'>[],
  now: Date,
): Promise<{ readonly usable: readonly CouponRow[]; readonly refused: readonly Refused[] }> {
  const found = await couponsFor(codes, shops);
  const uses = await usesOf(
    user,
    found.map(({ _id }) => _id),
  );
  const usable: CouponRow[] = [];
  const refused: Refused[] = codes
    .filter((code) => !found.some((coupon) => coupon.code === code))
    .map((code) => ({ code, reason: 'unknown', shop: null }));
  for (const coupon of found) {
    const reason = refusalOf(coupon, uses.get(coupon._id.toHexString()) ?? 0, now);
    if (reason) refused.push({ code: coupon.code, reason, shop: coupon.shop });
    else usable.push(coupon);
  }
  return { usable, refused };
}
