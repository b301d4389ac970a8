import { z } from 'zod';
import { CartItemView, Totals, viewItem } from '#domain/cart/cart-view.ts';
import { changeItem, MAX_QUANTITY } from '#domain/cart/change-cart.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change how many, or whether it is for the next checkout; agrees to today’s price.',
  method: 'PUT',
  path: '/api/cart/items/:itemId',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ itemId: idOf('cartItem') }),
  body: z
    .object({
      /** 0 takes it out. */
      quantity: z.int().min(0).max(MAX_QUANTITY).optional(),
      selected: z.boolean().optional(),
    })
    .refine(({ quantity, selected }) => quantity !== undefined || selected !== undefined, {
      message: 'say quantity, selected, or both',
    }),
  output: z.object({ item: CartItemView.nullable(), totals: Totals }),
  problems: [NotFound],

  handler: async ({ actor, params: { itemId }, body, now }) => {
    await changeItem(actor.id, itemId, body, now);
    return viewItem(actor.id, itemId, now);
  },
});
