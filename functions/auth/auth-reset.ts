import { z } from 'zod';
import { ConfirmationFailed, LinkInvalid, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { changePassword, resetByLink } from '#domain/auth/passwords.ts';
import { SECRET } from '#domain/auth/verifications.ts';
import { GivenPassword, NewPassword } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NoToken } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Set a new password with a mailed token, or signed in with the current one.',
  method: 'POST',
  path: '/api/auth/password/reset',
  access: 'optional',
  rateLimit: perAddressShared(10, 'minute'),
  body: z
    .strictObject({
      token: z.string().regex(SECRET, 'not one of our tokens').optional(),
      currentPassword: GivenPassword.optional(),
      password: NewPassword,
    })
    .refine((body) => (body.token === undefined) !== (body.currentPassword === undefined), {
      message: 'give a token or the current password',
    }),
  output: z.object({ success: z.literal(true) }),
  problems: [LinkInvalid, ConfirmationFailed, TooManyAttempts, NoToken],

  handler: async ({ actor, body: { token, currentPassword, password }, now }) => {
    if (token !== undefined) await resetByLink(token, password, now);
    else if (actor) await changePassword(actor, currentPassword ?? '', password, now);
    else throw new NoToken();
    return { success: true as const };
  },
});
