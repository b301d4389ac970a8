import { z } from 'zod';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { archiveProduct } from '#domain/shop/edit-product.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Archive a listing of yours; what was ordered stays ordered.',
  method: 'DELETE',
  path: '/api/products/:id',
  access: 'seller',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('product') }),
  output: z.object({ success: z.literal(true) }),
  problems: [NoActiveShop, NotFound],

  handler: async ({ actor, params: { id }, now }) => {
    await archiveProduct(await sellingShop(actor.id), id, now);
    return { success: true as const };
  },
});
