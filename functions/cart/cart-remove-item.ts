import { z } from 'zod';
import { Totals, viewItem } from '#domain/cart/cart-view.ts';
import { removeItem } from '#domain/cart/change-cart.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take something out of the cart.',
  method: 'DELETE',
  path: '/api/cart/items/:itemId',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ itemId: idOf('cartItem') }),
  output: z.object({ success: z.literal(true), totals: Totals }),
  problems: [NotFound],

  handler: async ({ actor, params: { itemId }, now }) => {
    await removeItem(actor.id, itemId, now);
    const { totals } = await viewItem(actor.id, itemId, now);
    return { success: true as const, totals };
  },
});
