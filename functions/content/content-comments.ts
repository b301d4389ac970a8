import { z } from 'zod';
import { CommentView, commentsOf } from '#domain/content/comments.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the comments of a content, latest first, or the answers in a thread, in order.',
  method: 'GET',
  path: '/api/content/:id/comments',
  access: 'optional',
  rateLimit: perActor(240, 'minute'),
  params: z.object({ id: idOf('content') }),
  query: PageQuery.extend({ parent: idOf('comment').optional() }),
  output: pageOf('comments', CommentView),
  problems: [NotFound],

  handler: async ({ actor, params, query: { parent, ...query } }) =>
    named('comments', await commentsOf(actor?.id, params.id, parent, query), (comment) => comment),
});
