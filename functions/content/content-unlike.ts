import { z } from 'zod';
import { unlikeContent } from '#domain/content/likes.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take back the like of a content.',
  method: 'DELETE',
  path: '/api/content/:id/like',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ id: idOf('content') }),
  output: z.object({ liked: z.literal(false), likeCount: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => ({
    liked: false as const,
    likeCount: await unlikeContent(actor.id, params.id, now),
  }),
});
