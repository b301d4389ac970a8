import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

/** Somebody put a product into their cart; where they saw it, as far as it is known. */
export const CartAdded = event({
  topic: 'engagement',
  type: 'cart.added',
  data: z.object({
    userId: idOf('user'),
    productId: idOf('product'),
    variantId: idOf('variant'),
    quantity: z.int(),
    contentId: idOf('content').optional(),
    liveId: idOf('live').optional(),
  }),
  subject: ['product', 'productId'],
});

/** A coupon was made, changed or stopped; without a shop it is the platform's. */
export const CouponUpdated = event({
  topic: 'product',
  type: 'coupon.updated',
  data: z.object({ couponId: idOf('coupon'), shopId: idOf('shop').optional() }),
  subject: ['coupon', 'couponId'],
  orderedBy: 'couponId',
});
