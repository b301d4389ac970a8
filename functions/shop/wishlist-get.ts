import { WishView, wishesOf } from '#domain/shop/wishlist.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { InvalidCursor } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what you saved, latest first, with the products as they are now.',
  method: 'GET',
  path: '/api/wishlist',
  access: 'user',
  rateLimit: perActor(240, 'minute'),
  query: PageQuery,
  output: pageOf('wishes', WishView),
  problems: [InvalidCursor],

  handler: async ({ actor, query }) =>
    named('wishes', await wishesOf(actor.id, query), (wish) => wish),
});
