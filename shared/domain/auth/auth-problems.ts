import { problem } from '#platform/problem.ts';

/** The same for a wrong password and for an account that does not exist. */
export class InvalidCredentials extends problem({
  code: 'invalid_credentials',
  status: 401,
  error: 'Invalid credentials',
}) {}
export class TokenReused extends problem({
  code: 'token_reused',
  status: 401,
  error: 'Invalid token',
}) {}
export class TooManyAttempts extends problem({
  code: 'too_many_attempts',
  status: 429,
  error: 'Too many requests',
}) {}
export class LinkInvalid extends problem({
  code: 'link_invalid',
  status: 400,
  error: 'This link is no longer valid',
}) {}
export class ChallengeInvalid extends problem({
  code: 'challenge_invalid',
  status: 401,
  error: 'Sign in again',
}) {}
export class InvalidCode extends problem({
  code: 'invalid_code',
  status: 401,
  error: 'Invalid code',
}) {}
/** A secret must be repeated for this, and was not, or was wrong. */
export class ConfirmationFailed extends problem({
  code: 'confirmation_failed',
  status: 403,
  error: 'Repeat your password or a code',
}) {}
export class MfaAlreadyEnabled extends problem({
  code: 'mfa_already_enabled',
  status: 409,
  error: 'The second factor is already in use',
}) {}
export class MfaNotEnabled extends problem({
  code: 'mfa_not_enabled',
  status: 409,
  error: 'There is no second factor',
}) {}
