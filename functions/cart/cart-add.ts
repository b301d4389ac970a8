import { z } from 'zod';
import { CartItemView, Totals, viewItem } from '#domain/cart/cart-view.ts';
import { addToCart, CartFull, MAX_QUANTITY } from '#domain/cart/change-cart.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Put something into the cart; what is there already becomes more.',
  method: 'POST',
  path: '/api/cart/items',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  idempotency: 'honoured',
  inTurn: 'actor',
  body: z.object({
    productId: idOf('product'),
    /** May be left out where the product has only one. */
    variantId: idOf('variant').optional(),
    quantity: z.int().min(1).max(MAX_QUANTITY).default(1),
    /** Where it was seen; a creator may earn from it. */
    source: z
      .strictObject({
        contentId: idOf('content').optional(),
        liveId: idOf('live').optional(),
        affiliateId: idOf('user').optional(),
      })
      .optional(),
  }),
  status: 201,
  output: z.object({ item: CartItemView, totals: Totals }),
  problems: [CartFull, NotFound, ValidationFailed],

  handler: async ({ actor, body: { productId: product, variantId, quantity, source }, now }) => {
    const { contentId: content, liveId: live, affiliateId: affiliate } = source ?? {};
    const wish = { user: actor.id, product, variant: variantId, quantity };
    const seen = source && { content, live, affiliate };
    const { _id } = await addToCart({ ...wish, source: seen }, now);
    const { item, totals } = await viewItem(actor.id, _id, now);
    if (!item) throw new NotFound();
    return { item, totals };
  },
});
