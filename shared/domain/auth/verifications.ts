import { createHmac } from 'node:crypto';
import { after, hours, minutes } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { type Id, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { VerificationIssued } from './auth-events.ts';
import { digestOf } from './sessions.ts';
import {
  type VerificationKind,
  type VerificationToken,
  VerificationTokens,
} from './verification-token.model.ts';

const LIFETIME_MS: Readonly<Record<VerificationKind, number>> = {
  verify_email: hours(24),
  reset_password: hours(1),
  mfa_challenge: minutes(5),
};

/**
 * The secret of a verification, made from its id with a key that is not in the database: nobody has
 * to store or carry it, and whoever mails it makes it again.
 */
export const secretOf = (kind: VerificationKind, id: Id<'verification'>): string =>
  createHmac('sha256', config().DATA_ENCRYPTION_KEY)
    .update(`${kind}:${id.toHexString()}`)
    .digest('base64url');

/** The form of every such secret. Strings of another form are refused before anything is read. */
export const SECRET = /^[A-Za-z0-9_-]{43}$/;

async function issue(
  kind: VerificationKind,
  user: Id<'user'> | undefined,
  payload: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<Id<'verification'>> {
  const id = newId<'verification'>();
  await VerificationTokens.create([
    {
      _id: id,
      ...(user && { user }),
      kind,
      tokenHash: digestOf(secretOf(kind, id)),
      payload,
      expiresAt: after(now, LIFETIME_MS[kind]),
    },
  ]);
  return id;
}

/**
 * Makes a link and has it mailed, inside the caller's transaction; earlier ones of the same kind end.
 * For nobody the same is done, and the letter is left out when it comes to mailing.
 */
export async function issueLink(
  kind: Exclude<VerificationKind, 'mfa_challenge'>,
  user: Id<'user'> | undefined,
  email: string,
  now: Date,
): Promise<void> {
  await VerificationTokens.updateMany(
    { user: user ?? newId<'user'>(), kind, consumedAt: null },
    { $set: { consumedAt: now } },
  );
  const verificationId = await issue(kind, user, user ? { email } : {}, now);
  await publish(VerificationIssued, { verificationId }, { now });
}

/** How many links of a kind were made for a person since then, as far as a hundred. */
export const linksSince = (since: Date, kind: VerificationKind, user: Id<'user'>) =>
  VerificationTokens.countDocuments({ user, kind, createdAt: { $gt: since } }).limit(100);

/** Makes the challenge that a second factor must answer, and returns its secret. */
export async function issueChallenge(
  user: Id<'user'>,
  payload: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<string> {
  return secretOf('mfa_challenge', await issue('mfa_challenge', user, payload, now));
}

const good = (kind: VerificationKind, secret: string, now: Date) => ({
  tokenHash: digestOf(secret),
  kind,
  consumedAt: null,
  expiresAt: { $gt: now },
});

/** Whether the secret would be accepted now, without spending it. */
export const isGood = async (kind: VerificationKind, secret: string, now: Date): Promise<boolean> =>
  (await VerificationTokens.exists(good(kind, secret, now))) !== null;

/** Spends a secret, in one step: of many who try at once, one gets the row and the others null. */
export const consume = (kind: VerificationKind, secret: string, now: Date) =>
  VerificationTokens.findOneAndUpdate(good(kind, secret, now), { $set: { consumedAt: now } })
    .lean<VerificationToken>()
    .exec();

/** Counts one guess against a challenge; null when it is over, unknown, or was guessed at too often. */
export const countGuess = (secret: string, most: number, now: Date) =>
  VerificationTokens.findOneAndUpdate(
    { ...good('mfa_challenge', secret, now), attempts: { $lt: most } },
    { $inc: { attempts: 1 } },
  )
    .lean<VerificationToken>()
    .exec();

/** What a letter is about, while it is still good for something. */
export const openVerification = (id: Id<'verification'>, now: Date) =>
  VerificationTokens.findOne({ _id: id, consumedAt: null, expiresAt: { $gt: now } })
    .lean<VerificationToken>()
    .exec();
