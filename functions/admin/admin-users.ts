import { z } from 'zod';
import { AccountView, accounts, toAccountView } from '#domain/users/user-list.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Find accounts by name or email address, role and status.',
  method: 'GET',
  path: '/api/admin/users',
  access: 'staff:users.read',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    /** The beginning of a username, or a whole email address. */
    q: z.string().trim().min(1).max(254).optional(),
    role: AccountView.shape.role.optional(),
    status: AccountView.shape.status.optional(),
  }),
  output: pageOf('users', AccountView),

  handler: async ({ query: { q, role, status, ...page } }) =>
    named('users', await accounts({ q, role, status }, page), toAccountView),
});
