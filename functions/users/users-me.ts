import { z } from 'zod';
import { privateUser } from '#domain/users/accounts.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { PERMISSIONS } from '#platform/access.ts';
import { endpoint } from '#platform/endpoint.ts';
import { UserNotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show your own account and what you may do.',
  method: 'GET',
  path: '/api/users/me',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: z.object({
    user: PrivateUser,
    capabilities: z.object({
      /** Of staff. */
      permissions: z.array(z.enum(PERMISSIONS)),
      restrictions: z.array(z.object({ action: z.string(), until: z.iso.datetime().nullable() })),
    }),
  }),
  problems: [UserNotFound],

  handler: async ({ actor, now }) => {
    const user = await privateUser(actor.id, now);
    if (!user) throw new UserNotFound();
    const restrictions = actor.restrictions.map(({ action, until }) => ({
      action,
      until: until?.toISOString() ?? null,
    }));
    return { user, capabilities: { permissions: [...actor.permissions], restrictions } };
  },
});
