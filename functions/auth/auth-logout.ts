import { z } from 'zod';
import { signOut } from '#domain/auth/sessions.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'End this session: its refresh token and this access token stop working.',
  method: 'POST',
  path: '/api/auth/logout',
  access: 'user',
  rateLimit: perActor(30, 'minute'),
  body: z.object({ refreshToken: z.string().min(1).max(2000).optional() }),
  output: z.object({ success: z.literal(true) }),

  handler: async ({ actor, body, now }) => {
    await signOut(actor, body.refreshToken, now);
    return { success: true as const };
  },
});
