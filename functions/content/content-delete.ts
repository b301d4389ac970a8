import { z } from 'zod';
import { deleteContent } from '#domain/content/edit-content.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take your content away.',
  method: 'DELETE',
  path: '/api/content/:id',
  access: 'owner',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('content') }),
  output: z.object({ success: z.literal(true) }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => {
    await deleteContent(actor.id, params.id, now);
    return { success: true as const };
  },
});
