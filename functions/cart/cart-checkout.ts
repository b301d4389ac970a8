import { z } from 'zod';
import { PostalAddressInput } from '#domain/cart/addresses.ts';
import { CartChanged } from '#domain/cart/carts.ts';
import { CouponCode, CouponCodes, CouponRefused } from '#domain/cart/coupons.ts';
import { ShippingChoice } from '#domain/cart/shipping.ts';
import { CartEmpty, CheckoutBlocked, checkOut, PriceChanged } from '#domain/orders/checkout.ts';
import { CheckoutView, PaymentMethod, toCheckoutView } from '#domain/orders/checkout-view.ts';
import { CurrencyMismatch } from '#domain/orders/pay-checkout.ts';
import { SoldOut } from '#domain/shop/stock.ts';
import { line } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { InsufficientBalance, NotFound, Unavailable } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Order what is selected in the cart: one order for each shop, one payment for all.',
  method: 'POST',
  path: '/api/cart/checkout',
  access: 'verified',
  restrictedBy: 'pay',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'derived',
  effect: 'outside',
  inTurn: 'actor',
  body: z
    .object({
      address: PostalAddressInput.optional(),
      addressId: idOf('address').optional(),
      /** The code of a way to ship, by the id of the shop; the cheapest where none is said. */
      shipping: ShippingChoice.optional(),
      paymentMethod: PaymentMethod,
      /** In place of the cart’s own. */
      coupon: z.union([CouponCode.transform((code) => [code]), CouponCodes]).optional(),
      /** What the buyer was shown, in minor units: nothing is ordered for anything else. */
      expectedTotal: z.int().min(0).optional(),
      note: line(500).optional(),
    })
    .refine(({ address, addressId }) => (address === undefined) !== (addressId === undefined), {
      path: ['address'],
      message: 'say either address or addressId',
    }),
  status: 201,
  output: CheckoutView,
  problems: [
    ...[CartEmpty, CartChanged, SoldOut, PriceChanged, CheckoutBlocked, CouponRefused],
    ...[InsufficientBalance, CurrencyMismatch, NotFound, Unavailable],
  ],

  handler: async ({ actor, body, operationId: operation, now }) => {
    const { shipping: methods, paymentMethod: method, coupon, expectedTotal, ...rest } = body;
    const wish = { ...rest, buyer: actor.id, operation, method, methods, coupons: coupon };
    return toCheckoutView(await checkOut({ ...wish, expectedTotalMinor: expectedTotal }, now));
  },
});
