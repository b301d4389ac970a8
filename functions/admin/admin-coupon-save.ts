import { z } from 'zod';
import { recordDeed } from '#domain/admin/audit-trail.ts';
import { CouponView, toCouponView } from '#domain/cart/coupon-list.ts';
import { CouponCode } from '#domain/cart/coupons.ts';
import { CouponEdit, saveCoupon } from '#domain/cart/save-coupon.ts';
import { endpoint } from '#platform/endpoint.ts';
import { Conflict, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Make, change or stop a coupon of the platform, which pays for it.',
  method: 'PUT',
  path: '/api/admin/coupons/:code',
  access: 'staff:catalogue.write',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ code: CouponCode }),
  body: CouponEdit,
  output: z.object({ coupon: CouponView }),
  problems: [Conflict, ValidationFailed],

  handler: async ({ actor, params: { code }, body, request, now }) => {
    const { before, coupon } = await saveCoupon({ shop: null, code }, body, now);
    const target = { type: 'coupon', id: coupon._id };
    const [was, after] = [before && toCouponView(before), toCouponView(coupon)];
    const deed = { permission: 'catalogue.write', action: 'coupon.save', target } as const;
    await recordDeed({ actor, request }, { ...deed, before: was ?? undefined, after }, now);
    return { coupon: after };
  },
});
