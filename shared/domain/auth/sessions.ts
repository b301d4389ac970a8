import { createHash, createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { notify } from '#domain/notifications/notifications.ts';
import { type AccountStanding, standingOf } from '#domain/users/accounts.ts';
import type { Actor, Role } from '#platform/access.ts';
import { after, seconds } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { AccountRestricted, InvalidToken, Problem, UserNotFound } from '#platform/problem.ts';
import {
  ACCESS_TOKEN_SECONDS,
  REFRESH_TOKEN_SECONDS,
  signAccessToken,
  signRefreshToken,
  verifyRefreshToken,
} from '#platform/tokens.ts';
import {
  NewDeviceSeen,
  SessionCompromised,
  SessionCreated,
  SessionRevoked,
} from './auth-events.ts';
import { TokenReused } from './auth-problems.ts';
import { type Device, type Session, Sessions } from './session.model.ts';

const short = z.string().trim().min(1).max(100);

/** What an app tells of the device it runs on. */
export const DeviceInput = z.strictObject({
  name: short.optional(),
  platform: short.optional(),
  appVersion: short.optional(),
  pushToken: z.string().trim().min(1).max(500).optional(),
  locale: short.optional(),
});

export const Tokens = z.object({
  token: z.string(),
  refreshToken: z.string(),
  /** Seconds until the access token ends. */
  expiresIn: z.int(),
});
export type Tokens = z.infer<typeof Tokens>;

/** Where a request comes from, as far as a session remembers it. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
  readonly device?: Device | undefined;
}

type Holder = Pick<AccountStanding, '_id' | 'role' | 'tokenVersion'>;

export const digestOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');

function issueTokens(user: Id<'user'>, role: Role, session: Id<'session'>, now: Date): Tokens {
  const claims = { id: user.toHexString(), sid: session.toHexString() };
  return {
    token: signAccessToken({ ...claims, role, jti: randomUUID() }, now),
    refreshToken: signRefreshToken({ ...claims, jti: randomUUID() }, now),
    expiresIn: ACCESS_TOKEN_SECONDS,
  };
}

/** Signs a person in on a device, inside the caller's transaction. */
export async function openSession(
  { _id: user, role, tokenVersion }: Holder,
  { address, userAgent, device = {} }: Origin,
  now: Date,
): Promise<Tokens> {
  const id = newId<'session'>();
  const tokens = issueTokens(user, role, id, now);
  const deviceMark = markOf(device, userAgent);
  const newDevice = await isNewDevice(user, deviceMark);
  if (device.pushToken) await forgetPushToken(device.pushToken);
  await Sessions.create([
    {
      _id: id,
      user,
      tokenHash: digestOf(tokens.refreshToken),
      tokenVersion,
      device,
      deviceMark,
      network: networkOf(address),
      lastSeenAt: now,
      expiresAt: after(now, seconds(REFRESH_TOKEN_SECONDS)),
    },
  ]);
  await publish(SessionCreated, { userId: user, sessionId: id, newDevice }, { now, actor: user });
  if (newDevice) {
    await notify({ user, type: 'new_device', subject: { type: 'session', id } }, now);
    await publish(NewDeviceSeen, { userId: user, sessionId: id }, { now });
  }
  return tokens;
}

/** An app's update is not a new device: what counts is what stays when versions are left out. */
const markOf = ({ name = '', platform = '' }: Device, userAgent: string): string =>
  createHmac('sha256', config().CURSOR_SECRET)
    .update([name, platform, userAgent.replace(/[\d._]+/g, '')].join('\n'))
    .digest('base64url');

/** The very first device of an account is no news to its owner. */
async function isNewDevice(user: Id<'user'>, deviceMark: string): Promise<boolean> {
  if (await Sessions.exists({ user, deviceMark })) return false;
  return (await Sessions.exists({ user })) !== null;
}

/** A push token belongs to who signed in on the device last. */
async function forgetPushToken(pushToken: string): Promise<void> {
  await Sessions.updateMany(
    { 'device.pushToken': pushToken },
    { $unset: { 'device.pushToken': 1 } },
  );
}

/** An address without its last part: enough to recognise a place by, too little to find a person. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, '');
  if (/^[\d.]+$/.test(plain)) return plain.split('.').slice(0, 3).join('.').concat('.0/24');
  return plain.includes(':') ? `${plain.split(':').slice(0, 3).join(':')}::/48` : 'unknown';
}

/** Refuses who may not sign in. Throws `AccountRestricted`, or `UserNotFound` for what is left of an account. */
export function requireGoodStanding(
  { status, suspendedUntil, restrictions }: AccountStanding,
  now: Date,
): void {
  if (status === 'erased') throw new UserNotFound();
  const suspended = status === 'suspended' && (!suspendedUntil || suspendedUntil > now);
  if (status !== 'banned' && !suspended) return;
  const caseId = restrictions.find((one) => one.caseId)?.caseId;
  throw new AccountRestricted({ until: suspendedUntil ?? null, ...(caseId && { caseId }) });
}

/**
 * Gives a new pair of tokens for a refresh token, which is thereby spent. A spent one that comes
 * again ends the whole family: either the thief or the owner has used it before.
 */
export async function rotate(refreshToken: string, address: string, now: Date): Promise<Tokens> {
  const claims = verifyRefreshToken(refreshToken, now);
  const user = toId<'user'>(claims.id);
  const id = toId<'session'>(hexOr(claims.sid));
  const standing = await standingOf(user);
  if (!standing) throw new UserNotFound();
  requireGoodStanding(standing, now);
  const tokens = issueTokens(user, standing.role, id, now);
  const { modifiedCount } = await Sessions.updateOne(
    {
      _id: id,
      user,
      tokenHash: digestOf(refreshToken),
      tokenVersion: standing.tokenVersion,
      revokedAt: null,
    },
    {
      $set: {
        tokenHash: digestOf(tokens.refreshToken),
        network: networkOf(address),
        lastSeenAt: now,
        expiresAt: after(now, seconds(REFRESH_TOKEN_SECONDS)),
      },
    },
  );
  if (modifiedCount === 1) return tokens;
  const { tokenVersion } = standing;
  const compromised = await transaction(async () => {
    if (!(await endSession({ _id: id, user, tokenVersion }, 'reused', now))) return false;
    await publish(SessionCompromised, { userId: user, sessionId: id }, { now });
    return true;
  });
  throw compromised ? new TokenReused() : new InvalidToken();
}

const hexOr = (sid: string): string => (/^[0-9a-f]{24}$/.test(sid) ? sid : '0'.repeat(24));

/** Ends one living session of this person, with its tokens; false when there was none. */
async function endSession(
  whose: Pick<Session, '_id' | 'user'> & Partial<Pick<Session, 'tokenVersion'>>,
  reason: string,
  now: Date,
): Promise<boolean> {
  const { modifiedCount } = await Sessions.updateOne(
    { ...whose, revokedAt: null },
    { $set: { revokedAt: now, reason }, $unset: { 'device.pushToken': 1 } },
  );
  return modifiedCount === 1;
}

/** Ends one session and says so; false when it was not this person's, or had ended before. */
export const revokeSession = (
  user: Id<'user'>,
  id: Id<'session'>,
  reason: string,
  now: Date,
): Promise<boolean> =>
  transaction(async () => {
    if (!(await endSession({ _id: id, user }, reason, now))) return false;
    await publish(SessionRevoked, { userId: user, sessionId: id, reason }, { now, actor: user });
    return true;
  });

/** Ends all sessions of a person, but for one if told so, and says how many there were. */
export const revokeSessions = (
  user: Id<'user'>,
  { reason, keep }: { readonly reason: string; readonly keep?: Id<'session'> | undefined },
  now: Date,
): Promise<number> =>
  transaction(async () => {
    const { modifiedCount } = await Sessions.updateMany(
      { user, revokedAt: null, ...(keep && { _id: { $ne: keep } }) },
      { $set: { revokedAt: now, reason }, $unset: { 'device.pushToken': 1 } },
    );
    if (modifiedCount > 0)
      await publish(
        SessionRevoked,
        { userId: user, reason, ...(keep && { keptId: keep }) },
        { now },
      );
    return modifiedCount;
  });

/**
 * Signs a person out of the session that asks, and of the one whose refresh token they send along
 * if it is another of theirs.
 */
export async function signOut(
  { id, sessionId }: Actor,
  refreshToken: string | undefined,
  now: Date,
): Promise<void> {
  const other = refreshToken === undefined ? undefined : sessionBehind(refreshToken, id, now);
  for (const sid of new Set([sessionId, ...(other === undefined ? [] : [other])]))
    await revokeSession(id, toId(hexOr(sid)), 'signed_out', now);
}

/** The session of a refresh token; none when it is no good, which signing out does not mind. */
function sessionBehind(refreshToken: string, user: Id<'user'>, now: Date): string | undefined {
  try {
    const claims = verifyRefreshToken(refreshToken, now);
    return claims.id === user.toHexString() ? claims.sid : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Lets one session live on under a new version of the account. */
export async function keepSession(id: Id<'session'>, tokenVersion: number): Promise<void> {
  await Sessions.updateOne({ _id: id, revokedAt: null }, { $set: { tokenVersion } });
}

/** The living session an access token speaks of; null once it was ended. */
export const livingSession = (id: string) =>
  Sessions.findOne({ _id: toId(hexOr(id)), revokedAt: null }, { user: 1, tokenVersion: 1 })
    .lean<Pick<Session, '_id' | 'user' | 'tokenVersion'>>()
    .exec();

/** A session as a letter about it needs it. */
export const sessionById = (id: Id<'session'>) => Sessions.findById(id).lean<Session>().exec();
