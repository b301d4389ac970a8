import { featuredProducts } from '#domain/shop/featured.ts';
import { ListedProduct } from '#domain/shop/product-search.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what the front page of the shop shows, in the order staff gave it.',
  method: 'GET',
  path: '/api/products/featured',
  access: 'public',
  rateLimit: perActor(240, 'minute'),
  query: PageQuery,
  output: pageOf('products', ListedProduct),

  handler: async ({ query }) =>
    named('products', await featuredProducts(query), (product) => product),
});
