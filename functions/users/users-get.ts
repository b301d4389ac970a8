import { z } from 'zod';
import { publicProfile } from '#domain/users/public-profiles.ts';
import { PublicUser } from '#domain/users/user-views.ts';
import { UserHandle } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound } from '#platform/problem.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show a person by id or @username, and how you stand to each other.',
  method: 'GET',
  path: '/api/users/:id',
  access: 'optional',
  rateLimit: perAddress(300, 'minute'),
  params: z.object({ id: UserHandle }),
  output: z.object({ user: PublicUser }),
  problems: [NotFound],

  handler: async ({ actor, params }) => ({ user: await publicProfile(params.id, actor?.id) }),
});
