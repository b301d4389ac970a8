import { z } from 'zod';
import { ReviewQuery, ReviewView, reviewsOf } from '#domain/shop/review-list.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, pageOf } from '#platform/page.ts';
import { InvalidCursor, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what buyers say of a product.',
  method: 'GET',
  path: '/api/products/:id/reviews',
  access: 'optional',
  rateLimit: perActor(240, 'minute'),
  params: z.object({ id: idOf('product') }),
  query: ReviewQuery,
  output: pageOf('reviews', ReviewView),
  problems: [InvalidCursor, NotFound],

  handler: async ({ actor, params: { id }, query }) =>
    named('reviews', await reviewsOf(actor?.id, id, query), (review) => review),
});
