import { z } from 'zod';
import { follow, followerCountOf } from '#domain/users/follows.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Follow a person, or ask a private account to be let in.',
  method: 'POST',
  path: '/api/users/:id/follow',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('user') }),
  output: z.object({
    /** True also while a private account has not answered: `status` tells. */
    following: z.literal(true),
    status: z.enum(['accepted', 'pending']),
    followerCount: z.int(),
  }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => {
    const status = await follow({ follower: actor.id, followee: params.id }, now);
    return { following: true as const, status, followerCount: await followerCountOf(params.id) };
  },
});
