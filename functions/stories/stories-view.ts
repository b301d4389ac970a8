import { z } from 'zod';
import { viewStory } from '#domain/stories/stories.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Mark a story as seen.',
  method: 'POST',
  path: '/api/stories/:id/view',
  access: 'user',
  rateLimit: perActor(300, 'minute'),
  params: z.object({ id: idOf('story') }),
  output: z.object({ seen: z.literal(true) }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => {
    await viewStory(actor.id, params.id, now);
    return { seen: true as const };
  },
});
