import { createHash, randomInt } from 'node:crypto';
import type { TOTP } from 'otpauth';
import { z } from 'zod';
import { type Credentials, credentialsOf } from '#domain/users/accounts.ts';
import {
  beginSecondFactor,
  dropSecondFactor,
  enableSecondFactor,
  replaceRecoveryCodes,
  spendRecoveryCode,
  spendStep,
} from '#domain/users/second-factors.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { passwordMatches } from '#platform/password.ts';
import { UserNotFound } from '#platform/problem.ts';
import { seal, unseal } from '#platform/seal.ts';
import { countGuessOf, forgetGuessesOf } from './attempts.ts';
import { MfaChanged } from './auth-events.ts';
import {
  ConfirmationFailed,
  InvalidCode,
  MfaAlreadyEnabled,
  MfaNotEnabled,
} from './auth-problems.ts';

const PERIOD_SECONDS = 30;
/** Clocks of telephones are a little off: one step either way is taken. */
const WINDOW = 1;

/** Loaded by whoever has a second factor only, for signing in must start fast. */
async function totp(secret: string, label: string): Promise<TOTP> {
  const { Secret, TOTP } = await import('otpauth');
  const key = Secret.fromBase32(secret);
  return new TOTP({ issuer: 'Mixillo', label, secret: key, period: PERIOD_SECONDS });
}

/** The time step whose code this is; undefined when it is none of the near ones. */
async function stepOf(sealedSecret: string, code: string, now: Date): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const timestamp = now.getTime();
  const generator = await totp(unseal(sealedSecret), '');
  const delta = generator.validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta;
}

/**
 * Spends a code of the authenticator or a recovery code; false when it is wrong or was spent before.
 * Of two requests with one code at the same moment, one spends it.
 */
export async function spendCode(account: Credentials, code: string, now: Date): Promise<boolean> {
  if (!account.mfa?.enabledAt) return false;
  const step = await stepOf(account.mfa.secret, code, now);
  if (step !== undefined) return spendStep(account._id, step);
  return spendRecoveryCode(account._id, recoveryDigest(code));
}

/** Six digits of an authenticator, or a recovery code. */
export const Code = z
  .string()
  .trim()
  .regex(/^(?:\d{6}|[A-Za-z0-9 -]{16,25})$/, 'six digits, or a recovery code');

/** The secret that a signed-in person repeats before something that cannot be taken back. */
export interface Confirmation {
  readonly password?: string | undefined;
  /** Of the authenticator, or a recovery code. */
  readonly code?: string | undefined;
}

/** Throws `ConfirmationFailed` unless the secret is right, and `TooManyAttempts` after many wrong ones. */
export async function confirm(
  user: Id<'user'>,
  { password, code }: Confirmation,
  now: Date,
): Promise<Credentials> {
  const account = await credentialsOf(user);
  if (!account) throw new UserNotFound();
  if (password === undefined && code === undefined) throw new ConfirmationFailed();
  await countGuessOf('confirmation', user.toHexString(), now);
  const right =
    password === undefined
      ? await spendCode(account, code ?? '', now)
      : await passwordMatches(password, account.password);
  if (!right) throw new ConfirmationFailed();
  await forgetGuessesOf('confirmation', user.toHexString(), now);
  return account;
}

/** Begins an enrolment: the secret is shown this once, and counts from the first code on. */
async function enroll(account: Credentials): Promise<{ secret: string; uri: string }> {
  const { Secret } = await import('otpauth');
  const secret = new Secret({ size: 20 }).base32;
  if (!(await beginSecondFactor(account._id, seal(secret)))) throw new MfaAlreadyEnabled();
  return { secret, uri: String(await totp(secret, account.username)) };
}

/** Takes an enrolment into use and returns the recovery codes, which are shown this once. */
async function activate(user: Id<'user'>, code: string, now: Date): Promise<string[]> {
  const account = await credentialsOf(user);
  if (!account?.mfa) throw new MfaNotEnabled();
  if (account.mfa.enabledAt) throw new MfaAlreadyEnabled();
  const { secret } = account.mfa;
  await countGuessOf('confirmation', user.toHexString(), now);
  const step = await stepOf(secret, code, now);
  if (step === undefined) throw new InvalidCode();
  const codes = newRecoveryCodes();
  await transaction(async () => {
    const digests = codes.map(recoveryDigest);
    if (!(await enableSecondFactor(user, secret, step, digests, now)))
      throw new MfaAlreadyEnabled();
    await publish(MfaChanged, { userId: user, change: 'activated' }, { now, actor: user });
  });
  return codes;
}

/** Makes new recovery codes; the old ones are void. */
async function regenerate(user: Id<'user'>, now: Date): Promise<string[]> {
  const codes = newRecoveryCodes();
  await transaction(async () => {
    if (!(await replaceRecoveryCodes(user, codes.map(recoveryDigest)))) throw new MfaNotEnabled();
    await publish(MfaChanged, { userId: user, change: 'regenerated' }, { now, actor: user });
  });
  return codes;
}

/** Takes the second factor away. */
const disable = (user: Id<'user'>, now: Date): Promise<void> =>
  transaction(async () => {
    if (!(await dropSecondFactor(user))) throw new MfaNotEnabled();
    await publish(MfaChanged, { userId: user, change: 'disabled' }, { now, actor: user });
  });

interface MfaAnswer {
  readonly mfa: { readonly enabled: boolean };
  readonly secret?: string;
  readonly uri?: string;
  readonly recoveryCodes?: string[];
}

/**
 * One step of a person's second factor. Each is confirmed by the password or a code; activating, by
 * the first code of the authenticator that was just enrolled.
 */
export async function changeMfa(
  user: Id<'user'>,
  action: 'enroll' | 'activate' | 'regenerate' | 'disable',
  confirmation: Confirmation,
  now: Date,
): Promise<MfaAnswer> {
  if (action === 'activate') {
    if (confirmation.code === undefined) throw new ConfirmationFailed({ field: 'code' });
    return { mfa: { enabled: true }, recoveryCodes: await activate(user, confirmation.code, now) };
  }
  const account = await confirm(user, confirmation, now);
  if (action === 'enroll') return { mfa: { enabled: false }, ...(await enroll(account)) };
  if (action === 'regenerate')
    return { mfa: { enabled: true }, recoveryCodes: await regenerate(user, now) };
  await disable(user, now);
  return { mfa: { enabled: false } };
}

const RECOVERY_CODES = 10;
/** Without the letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode);

/** `k7mx-…`: 16 characters, 79 bits. */
function newRecoveryCode(): string {
  const letters = Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

/** Dashes, spaces and capitals are forgiven. */
const recoveryDigest = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest('base64url');
