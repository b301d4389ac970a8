import { z } from 'zod';
import { CategoryView, categoryTree, toCategoryView } from '#domain/shop/categories.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show the tree of categories, from the roots down, and what each asks of a product.',
  method: 'GET',
  path: '/api/products/categories',
  access: 'public',
  rateLimit: perActor(120, 'minute'),
  output: z.object({ categories: z.array(CategoryView) }),
  cache: 'public, max-age=300',

  handler: async () => ({ categories: (await categoryTree()).map(toCategoryView) }),
});
