import { z } from 'zod';
import { ChallengeInvalid, InvalidCode, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { Code } from '#domain/auth/second-factor.ts';
import { DeviceInput, Tokens } from '#domain/auth/sessions.ts';
import { answerChallenge } from '#domain/auth/sign-in.ts';
import { SECRET } from '#domain/auth/verifications.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AccountRestricted } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Finish signing in with a code of the authenticator or a recovery code.',
  method: 'POST',
  path: '/api/auth/mfa/challenge',
  access: 'public',
  rateLimit: perAddressShared(30, 'minute'),
  body: z.object({
    challenge: z.string().regex(SECRET, 'not one of our challenges'),
    code: Code,
    device: DeviceInput.optional(),
  }),
  output: Tokens.extend({ user: PrivateUser }),
  problems: [ChallengeInvalid, InvalidCode, TooManyAttempts, AccountRestricted],

  handler: ({ body: { challenge, code, device }, request, now }) =>
    answerChallenge(challenge, code, { ...request, device }, now),
});
