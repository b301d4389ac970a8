import { z } from 'zod';
import { removeAddress } from '#domain/cart/addresses.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Remove an address; orders keep theirs.',
  method: 'DELETE',
  path: '/api/addresses/:id',
  access: 'user',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ id: idOf('address') }),
  output: z.object({ success: z.literal(true) }),
  problems: [NotFound],

  handler: async ({ actor, params: { id } }) => {
    await removeAddress(actor.id, id);
    return { success: true as const };
  },
});
