import { z } from 'zod';
import { CartView, viewCart } from '#domain/cart/cart-view.ts';
import { applyCoupons } from '#domain/cart/change-cart.ts';
import { CouponCodes, CouponRefused } from '#domain/cart/coupons.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Apply codes to the cart, or none; says of each code why it cannot be used.',
  method: 'PUT',
  path: '/api/cart/coupon',
  access: 'user',
  // Slow enough that codes cannot be found by trying.
  rateLimit: perActorShared(20, 'minute'),
  body: z.object({ codes: CouponCodes }),
  output: CartView,
  problems: [CouponRefused],

  handler: async ({ actor, body: { codes }, now }) => {
    await applyCoupons(actor.id, codes, now);
    return viewCart(actor.id, now);
  },
});
