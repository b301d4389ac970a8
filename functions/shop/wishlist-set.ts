import { z } from 'zod';
import { setWish } from '#domain/shop/wishlist.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Save a product for later, or forget it.',
  method: 'PUT',
  path: '/api/wishlist/:productId',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ productId: idOf('product') }),
  body: z.object({
    saved: z.boolean(),
    /** Be told when it gets cheaper or is back in stock. */
    notify: z.boolean().default(true),
  }),
  output: z.object({ saved: z.boolean(), notify: z.boolean() }),
  problems: [NotFound],

  handler: async ({ actor, params: { productId }, body: { saved, notify }, now }) => {
    await setWish({ user: actor.id, product: productId, saved, notify }, now);
    return { saved, notify: saved && notify };
  },
});
