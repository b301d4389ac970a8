import { z } from 'zod';
import { ProductPage, productPage } from '#domain/shop/product-view.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show a product with its variants and its shop; its seller sees it in every state.',
  method: 'GET',
  path: '/api/products/:id',
  access: 'optional',
  rateLimit: perActor(240, 'minute'),
  params: z.object({ id: idOf('product') }),
  output: ProductPage,
  problems: [NotFound],

  handler: async ({ actor, params: { id } }) => productPage(actor?.id, id),
});
