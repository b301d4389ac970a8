import { z } from 'zod';
import { Ring, trayOf } from '#domain/stories/stories.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show the live stories of those you follow, and your own.',
  method: 'GET',
  path: '/api/stories',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: z.object({ rings: z.array(Ring) }),

  handler: async ({ actor, now }) => ({ rings: await trayOf(actor.id, now) }),
});
