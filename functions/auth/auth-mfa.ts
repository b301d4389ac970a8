import { z } from 'zod';
import {
  ConfirmationFailed,
  InvalidCode,
  MfaAlreadyEnabled,
  MfaNotEnabled,
  TooManyAttempts,
} from '#domain/auth/auth-problems.ts';
import { Code, changeMfa } from '#domain/auth/second-factor.ts';
import { GivenPassword } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Enrol, activate or disable an authenticator, or make new recovery codes.',
  method: 'PUT',
  path: '/api/auth/mfa',
  access: 'confirm',
  rateLimit: perAddressShared(30, 'minute'),
  body: z.object({
    action: z.enum(['enroll', 'activate', 'regenerate', 'disable']),
    password: GivenPassword.optional(),
    code: Code.optional(),
  }),
  output: z.object({
    mfa: z.object({ enabled: z.boolean() }),
    /** The secret and the address for a QR code: shown once, by `enroll`. */
    secret: z.string().optional(),
    uri: z.string().optional(),
    /** Shown once, by `activate` and `regenerate`. */
    recoveryCodes: z.array(z.string()).optional(),
  }),
  problems: [ConfirmationFailed, InvalidCode, MfaAlreadyEnabled, MfaNotEnabled, TooManyAttempts],

  handler: ({ actor, body: { action, ...confirmation }, now }) =>
    changeMfa(actor.id, action, confirmation, now),
});
