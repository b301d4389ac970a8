import { z } from 'zod';
import { SellerOffer, toSellerOffer } from '#domain/sellers/offer-lists.ts';
import { OfferFull, saveOffer } from '#domain/sellers/save-offer.ts';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { productOfShop } from '#domain/shop/products.ts';
import { UserHandle } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Offer creators a commission for a product, change it, or end it.',
  method: 'PUT',
  path: '/api/seller/affiliate-offers/:productId',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ productId: idOf('product') }),
  body: z
    .object({
      kind: z.enum(['open', 'targeted']).default('open'),
      status: z.enum(['active', 'ended']).default('active'),
      /** Hundredths of a percent, 1 to 80 percent. Who promotes already keeps a better one for a while. */
      rateBps: z.int().min(100).max(8000).optional(),
      /** Who is invited to a targeted offer, all of them; left out, they stay as they are. */
      creators: z.array(UserHandle).max(100).optional(),
      endsAt: z.iso.datetime().optional(),
    })
    .refine(({ status, rateBps }) => (status === 'active') === (rateBps !== undefined), {
      path: ['rateBps'],
      message: 'needed, unless the offer ends',
    })
    .refine(({ kind, creators }) => kind === 'targeted' || creators === undefined, {
      path: ['creators'],
      message: 'an open offer invites nobody',
    }),
  output: z.object({ offer: SellerOffer }),
  problems: [NoActiveShop, NotFound, OfferFull, Conflict, ValidationFailed],

  handler: async ({ actor, params, body, now }) => {
    const { kind, rateBps, creators } = body;
    const endsAt = body.endsAt === undefined ? undefined : new Date(body.endsAt);
    if (endsAt && endsAt <= now) throw new ValidationFailed({ field: 'endsAt' });
    const shop = await sellingShop(actor.id);
    const product = await productOfShop(shop._id, params.productId);
    const wish = { product: product._id, kind, rateBps, creators, endsAt };
    return { offer: toSellerOffer(await saveOffer(shop, wish, now)) };
  },
});
