import { z } from 'zod';
import { addressOf, PostalAddressInput } from '#domain/cart/addresses.ts';
import { CouponCodes } from '#domain/cart/coupons.ts';
import { QuoteView, viewQuote } from '#domain/cart/quote-view.ts';
import { ShippingChoice } from '#domain/cart/shipping.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary:
    'Say what a checkout would cost, with shipping options, tax and discounts, and change nothing.',
  method: 'POST',
  path: '/api/cart/quote',
  access: 'user',
  rateLimit: perActorShared(60, 'minute'),
  body: z
    .object({
      address: PostalAddressInput.optional(),
      /** One of the address book. Without any address, shipping and tax are left out. */
      addressId: idOf('address').optional(),
      shipping: ShippingChoice.optional(),
      /** Codes to try; those of the cart unless said. */
      coupons: CouponCodes.optional(),
    })
    .refine(({ address, addressId }) => !(address && addressId), {
      path: ['addressId'],
      message: 'say either address or addressId',
    }),
  output: QuoteView,
  problems: [NotFound],

  handler: async ({ actor, body: { address, addressId, shipping, coupons }, now }) => {
    const shipTo = addressId ? await addressOf(actor.id, addressId) : address;
    return viewQuote({ user: actor.id, shipTo, methods: shipping, coupons }, now);
  },
});
