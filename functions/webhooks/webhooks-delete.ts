import { z } from 'zod';
import { deleteEndpoint } from '#domain/webhooks/endpoints.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Remove a webhook; what is still on its way to it is given up.',
  method: 'DELETE',
  path: '/api/webhooks/:id',
  access: 'seller',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('webhook') }),
  output: z.object({ success: z.literal(true) }),
  problems: [NotFound],

  handler: async ({ actor, params: { id } }) => {
    await deleteEndpoint(actor.id, id);
    return { success: true as const };
  },
});
