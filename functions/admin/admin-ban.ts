import { z } from 'zod';
import { banUser, StaffAccount } from '#domain/admin/bans.ts';
import { AccountView } from '#domain/users/user-list.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Moment } from '#platform/moment.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Ban an account, suspend it until a day, or lift that.',
  method: 'PUT',
  path: '/api/admin/users/:id/ban',
  access: 'staff:users.ban',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('user') }),
  body: z
    .object({
      banned: z.boolean().default(true),
      reason: z.string().trim().min(1).max(1000),
      until: Moment.optional(),
    })
    .refine(({ banned, until }) => banned || until === undefined, {
      path: ['until'],
      message: 'only a ban can have an end',
    }),
  output: z.object({ user: AccountView }),
  problems: [Conflict, NotFound, StaffAccount],

  handler: async ({ actor, params: { id }, body, request, now }) => ({
    user: await banUser({ user: id, ...body }, { actor, request }, now),
  }),
});
