import { z } from 'zod';
import { ShopName, ShopView, storefront } from '#domain/sellers/shop-views.ts';
import { endpoint } from '#platform/endpoint.ts';
import { InvalidId, NotFound } from '#platform/problem.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show a shop by id or handle: its rating, how it ships, and its policies.',
  method: 'GET',
  path: '/api/shops/:id',
  access: 'optional',
  rateLimit: perAddress(300, 'minute'),
  params: z.object({ id: ShopName }),
  output: z.object({ shop: ShopView }),
  problems: [InvalidId, NotFound],

  handler: async ({ actor, params }) => ({ shop: await storefront(params.id, actor?.id) }),
});
