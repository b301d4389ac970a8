import { ListedProduct, SearchQuery, searchProducts } from '#domain/shop/product-search.ts';
import { Facets } from '#domain/shop/search-facets.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, pageOf } from '#platform/page.ts';
import { InvalidCursor, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Search what is on sale, or browse a category or a shop.',
  method: 'GET',
  path: '/api/products/search',
  access: 'public',
  rateLimit: perActor(240, 'minute'),
  query: SearchQuery,
  output: pageOf('products', ListedProduct).extend({ facets: Facets.optional() }),
  problems: [InvalidCursor, ValidationFailed],

  handler: async ({ query }) => {
    const { page, facets } = await searchProducts(query);
    return { ...named('products', page, (product) => product), ...(facets && { facets }) };
  },
});
