import { z } from 'zod';
import { register } from '#domain/auth/register.ts';
import { DeviceInput, Tokens } from '#domain/auth/sessions.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { DisplayName, EmailAddress, Locale, NewPassword, Username } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { DuplicateEntry } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Create an account with its profile, wallet and settings, and sign in.',
  method: 'POST',
  path: '/api/auth/register',
  access: 'public',
  rateLimit: perAddressShared(20, 'hour'),
  idempotency: 'honoured',
  secretAnswer: true,
  body: z.object({
    username: Username,
    email: EmailAddress,
    password: NewPassword,
    displayName: DisplayName.optional(),
    birthDate: z.iso.date().optional(),
    locale: Locale.default('en'),
    device: DeviceInput.optional(),
  }),
  status: 201,
  output: Tokens.extend({ user: PrivateUser }),
  problems: [DuplicateEntry],

  handler: ({ body: { device, ...registration }, request, now }) =>
    register(registration, { ...request, device }, now),
});
