import { z } from 'zod';
import { CouponView, toCouponView } from '#domain/cart/coupon-list.ts';
import { CouponCode } from '#domain/cart/coupons.ts';
import { CouponEdit, saveCoupon } from '#domain/cart/save-coupon.ts';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { Conflict, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Make, change or stop a coupon of your shop, which pays for it.',
  method: 'PUT',
  path: '/api/seller/coupons/:code',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ code: CouponCode }),
  body: CouponEdit,
  output: z.object({ coupon: CouponView }),
  problems: [Conflict, NoActiveShop, ValidationFailed],

  handler: async ({ actor, params: { code }, body, now }) => {
    const { _id: shop } = await sellingShop(actor.id);
    const { coupon } = await saveCoupon({ shop, code }, body, now);
    return { coupon: toCouponView(coupon) };
  },
});
