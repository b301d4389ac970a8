import { z } from 'zod';
import { InvalidCredentials, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { DeviceInput, Tokens } from '#domain/auth/sessions.ts';
import { signIn } from '#domain/auth/sign-in.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { GivenPassword } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AccountRestricted } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

const login = z.string().trim().min(1).max(254);

export default endpoint({
  summary: 'Sign in with a password, or be asked for the second factor.',
  method: 'POST',
  path: '/api/auth/login',
  access: 'public',
  rateLimit: perAddressShared(30, 'minute'),
  body: z
    .strictObject({
      email: login.optional(),
      username: login.optional(),
      password: GivenPassword,
      device: DeviceInput.optional(),
    })
    .refine(({ email, username }) => (email === undefined) !== (username === undefined), {
      message: 'give an email address or a username',
    }),
  output: z.union([
    Tokens.extend({ user: PrivateUser }),
    z.object({ mfaRequired: z.literal(true), challenge: z.string() }),
  ]),
  problems: [InvalidCredentials, AccountRestricted, TooManyAttempts],

  handler: ({ body: { email, username, password, device }, request, now }) =>
    signIn(email ?? username ?? '', password, { ...request, device }, now),
});
