import { after, minutes } from '#platform/clock.ts';
import { increment, remove } from '#platform/firestore.ts';
import { log } from '#platform/log.ts';
import { addressKey } from '#platform/rate-limit.ts';
import { TooManyAttempts } from './auth-problems.ts';

const COLLECTION = 'auth-attempts';
const WINDOW_MS = minutes(15);

/** What is guessed at, and how many guesses a quarter of an hour allows. */
interface Guess {
  readonly what: 'password' | 'second-factor' | 'confirmation';
  readonly of: string;
  readonly most: number;
}

/** Whose guesses are counted is personal data, and so is where they come from: keyed digests. */
const keyOf = ({ what, of }: Guess, window: number): string =>
  `${what}:${addressKey(of)}:${window}`;

const windowOf = (now: Date): number => Math.floor(now.getTime() / WINDOW_MS);

/**
 * Counts a guess before it is looked at, so that many at once are all counted. Throws
 * `TooManyAttempts` above the limit. Without the shared store guesses are let through: the rate
 * limit of the endpoint still holds.
 */
async function count(guess: Guess, now: Date): Promise<void> {
  const window = windowOf(now);
  const endsAt = new Date((window + 1) * WINDOW_MS);
  const guesses = await increment(COLLECTION, keyOf(guess, window), {
    by: 1,
    expiresAt: after(endsAt, minutes(1)),
  }).catch((error: unknown) => {
    log.warning('attempts not counted', { error });
    return 0;
  });
  if (guesses > guess.most)
    throw new TooManyAttempts({
      retryAfterSeconds: Math.ceil((endsAt.getTime() - now.getTime()) / 1000),
    });
}

/** Forgets the guesses, once one was right. */
async function forget(guess: Guess, now: Date): Promise<void> {
  await remove(COLLECTION, keyOf(guess, windowOf(now))).catch((error: unknown) =>
    log.warning('attempts not forgotten', { error }),
  );
}

/**
 * Guesses at one account's password: few from one network address, more from all of them together,
 * so that nobody is locked out of their own account by a stranger somewhere else.
 */
const passwordGuesses = (login: string, address: string): readonly Guess[] => [
  { what: 'password', of: `${login}\n${address}`, most: 10 },
  { what: 'password', of: login, most: 100 },
];

export async function countPasswordGuess(login: string, address: string, now: Date): Promise<void> {
  await Promise.all(passwordGuesses(login, address).map((guess) => count(guess, now)));
}

export async function forgetPasswordGuesses(
  login: string,
  address: string,
  now: Date,
): Promise<void> {
  await Promise.all(passwordGuesses(login, address).map((guess) => forget(guess, now)));
}

/** Guesses at a second factor at sign-in, and at a repeated secret of who is signed in. */
export const countGuessOf = (
  what: 'second-factor' | 'confirmation',
  user: string,
  now: Date,
): Promise<void> => count({ what, of: user, most: 10 }, now);

export const forgetGuessesOf = (
  what: 'second-factor' | 'confirmation',
  user: string,
  now: Date,
): Promise<void> => forget({ what, of: user, most: 10 }, now);

/** Whether one more letter to this address is too many: three an hour. */
export async function mailedEnough(address: string, now: Date): Promise<boolean> {
  const window = Math.floor(now.getTime() / minutes(60));
  const key = `letter:${addressKey(address)}:${window}`;
  const expiresAt = new Date((window + 1) * minutes(60));
  const letters = await increment(COLLECTION, key, { by: 1, expiresAt }).catch(() => 1);
  return letters > 3;
}
