import { z } from 'zod';
import { privateUser } from '#domain/users/accounts.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { endpoint } from '#platform/endpoint.ts';
import { UserNotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show your own account.',
  method: 'GET',
  path: '/api/users/me',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: z.object({ user: PrivateUser }),
  problems: [UserNotFound],

  handler: async ({ actor, now }) => {
    const user = await privateUser(actor.id, now);
    if (!user) throw new UserNotFound();
    return { user };
  },
});
