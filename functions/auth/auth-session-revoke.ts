import { z } from 'zod';
import { revokeSession, revokeSessions } from '#domain/auth/sessions.ts';
import { endpoint } from '#platform/endpoint.ts';
import { INVALID_ID, toId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'End one session, or with `all` every one of them including this.',
  method: 'DELETE',
  path: '/api/auth/sessions/:sid',
  access: 'user',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ sid: z.string().regex(/^(?:all|[0-9a-f]{24})$/, INVALID_ID) }),
  output: z.object({ success: z.literal(true), revoked: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params: { sid }, now }) => {
    if (sid === 'all') {
      const revoked = await revokeSessions(actor.id, { reason: 'owner' }, now);
      return { success: true as const, revoked };
    }
    if (!(await revokeSession(actor.id, toId(sid), 'owner', now))) throw new NotFound();
    return { success: true as const, revoked: 1 };
  },
});
