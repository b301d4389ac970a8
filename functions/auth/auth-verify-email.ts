import { z } from 'zod';
import { LinkInvalid, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { askForConfirmation, confirmByLink } from '#domain/auth/email-confirmation.ts';
import { SECRET } from '#domain/auth/verifications.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NoToken } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Confirm an email address with the mailed token, or have the letter sent again.',
  method: 'POST',
  path: '/api/auth/email',
  access: 'optional',
  rateLimit: perAddressShared(20, 'minute'),
  idempotency: 'honoured',
  body: z.object({ token: z.string().regex(SECRET, 'not one of our tokens').optional() }),
  output: z.object({ verified: z.boolean(), sent: z.boolean() }),
  problems: [LinkInvalid, TooManyAttempts, NoToken],

  handler: async ({ actor, body: { token }, now }) => {
    if (token !== undefined) {
      await confirmByLink(token, now);
      return { verified: true, sent: false };
    }
    if (!actor) throw new NoToken();
    const sent = await askForConfirmation(actor.id, now);
    return { verified: !sent, sent };
  },
});
