import { z } from 'zod';
import { forgot } from '#domain/auth/passwords.ts';
import { EmailAddress } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Have a link for a new password mailed; the answer is the same for every address.',
  method: 'POST',
  path: '/api/auth/password/forgot',
  access: 'public',
  rateLimit: perAddressShared(10, 'minute'),
  body: z.object({ email: EmailAddress }),
  status: 202,
  output: z.object({ success: z.literal(true) }),

  handler: async ({ body, now }) => {
    await forgot(body.email, now);
    return { success: true as const };
  },
});
