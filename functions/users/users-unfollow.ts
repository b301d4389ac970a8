import { z } from 'zod';
import { followerCountOf, removeEdge } from '#domain/users/follows.ts';
import { relationOf } from '#domain/users/relations.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Stop following a person, or take a request back.',
  method: 'DELETE',
  path: '/api/users/:id/unfollow',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('user') }),
  output: z.object({ following: z.literal(false), followerCount: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params, now }) => {
    await removeEdge({ follower: actor.id, followee: params.id }, actor.id, now);
    // Who is blocked is not told how many follow the one who blocked them.
    if ((await relationOf(actor.id, params.id)).blocked) throw new NotFound();
    return { following: false as const, followerCount: await followerCountOf(params.id) };
  },
});
