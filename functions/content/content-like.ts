import { z } from 'zod';
import { likeContent } from '#domain/content/likes.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Like a content.',
  method: 'POST',
  path: '/api/content/:id/like',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ id: idOf('content') }),
  output: z.object({ liked: z.literal(true), likeCount: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => ({
    liked: true as const,
    likeCount: await likeContent(actor.id, params.id, now),
  }),
});
