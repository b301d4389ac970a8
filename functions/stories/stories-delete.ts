import { z } from 'zod';
import { deleteStory } from '#domain/stories/tell-story.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take your story away before its time.',
  method: 'DELETE',
  path: '/api/stories/:id',
  access: 'owner',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('story') }),
  output: z.object({ success: z.literal(true) }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => {
    await deleteStory(actor.id, params.id, now);
    return { success: true as const };
  },
});
