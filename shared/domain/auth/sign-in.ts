import {
  type Credentials,
  credentialsByLogin,
  credentialsOf,
  privateUser,
} from '#domain/users/accounts.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { passwordMatches } from '#platform/password.ts';
import {
  countGuessOf,
  countPasswordGuess,
  forgetGuessesOf,
  forgetPasswordGuesses,
} from './attempts.ts';
import { ChallengeInvalid, InvalidCode, InvalidCredentials } from './auth-problems.ts';
import type { SignedIn } from './register.ts';
import { spendCode } from './second-factor.ts';
import type { Device } from './session.model.ts';
import { type Origin, openSession, requireGoodStanding } from './sessions.ts';
import { consume, countGuess, issueChallenge } from './verifications.ts';

export interface Challenged {
  readonly mfaRequired: true;
  readonly challenge: string;
}

/**
 * Signs in by password. Without a second factor the tokens follow at once, else a challenge. Whether
 * there is such an account shows neither in the answer nor in how long it takes.
 */
export async function signIn(
  login: string,
  password: string,
  origin: Origin,
  now: Date,
): Promise<SignedIn | Challenged> {
  const name = login.trim().toLowerCase();
  await countPasswordGuess(name, origin.address, now);
  const account = await credentialsByLogin(name);
  const right = await passwordMatches(password, account?.password);
  if (!account || !right || account.status === 'erased') throw new InvalidCredentials();
  requireGoodStanding(account, now);
  if (account.mfa?.enabledAt) {
    const payload = { device: origin.device ?? {}, login: name };
    return { mfaRequired: true, challenge: await issueChallenge(account._id, payload, now) };
  }
  const signedIn = await enter(account, origin, now);
  await forgetPasswordGuesses(name, origin.address, now);
  return signedIn;
}

/**
 * Opens the session for credentials that were found right. It is opened under the version of the
 * account they were read with: if the password was changed meanwhile, it is void.
 */
const enter = (account: Credentials, origin: Origin, now: Date): Promise<SignedIn> =>
  transaction(async () => {
    const tokens = await openSession(account, origin, now);
    return { user: await ownView(account._id, now), ...tokens };
  });

async function ownView(id: Id<'user'>, now: Date) {
  const user = await privateUser(id, now);
  if (!user) throw new InvalidCredentials();
  return user;
}

const MOST_GUESSES = 5;

/** Finishes a sign-in with a code of the authenticator or a recovery code. */
export async function answerChallenge(
  challenge: string,
  code: string,
  origin: Origin,
  now: Date,
): Promise<SignedIn> {
  const waiting = await countGuess(challenge, MOST_GUESSES, now);
  const account = waiting?.user && (await credentialsOf(waiting.user));
  if (!waiting || !account) throw new ChallengeInvalid();
  const id = account._id.toHexString();
  await countGuessOf('second-factor', id, now);
  requireGoodStanding(account, now);
  const { device, login } = waiting.payload as { device: Device; login: string };
  const signedIn = await transaction(async () => {
    if (!(await consume('mfa_challenge', challenge, now))) throw new ChallengeInvalid();
    if (!(await spendCode(account, code, now))) throw new InvalidCode();
    return enter(account, { ...origin, device: origin.device ?? device }, now);
  });
  await forgetGuessesOf('second-factor', id, now);
  await forgetPasswordGuesses(login, origin.address, now);
  return signedIn;
}
