import type { Restriction, Role } from '#platform/access.ts';
import { after, days } from '#platform/clock.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { DuplicateEntry } from '#platform/problem.ts';
import { Profiles } from './profile.model.ts';
import { type SecondFactor, type User, type UserStatus, Users } from './user.model.ts';
import { UserRegistered, UserStatusChanged } from './user-events.ts';
import { SettingsOfUsers } from './user-settings.model.ts';
import { type PrivateUser, toPrivateUser } from './user-views.ts';
import { profileOf, settingsOf } from './users.ts';

/** The person behind a request, as far as letting them in goes. */
export interface AccountStanding {
  readonly _id: Id<'user'>;
  readonly role: Role;
  readonly status: UserStatus;
  readonly suspendedUntil?: Date;
  readonly restrictions: readonly Restriction[];
  readonly emailVerifiedAt?: Date;
  readonly tokenVersion: number;
}

const STANDING = {
  role: 1,
  status: 1,
  suspendedUntil: 1,
  restrictions: 1,
  emailVerifiedAt: 1,
  tokenVersion: 1,
} as const;

/** Read on every request of somebody signed in: one document by its id. */
export const standingOf = (user: Id<'user'>): Promise<AccountStanding | null> =>
  Users.findById(user, STANDING).lean<AccountStanding>().exec();

/** What signing in is checked against. It leaves the auth room in no answer. */
export interface Credentials extends AccountStanding {
  readonly username: string;
  readonly email: string;
  readonly password?: string;
  readonly mfa?: SecondFactor;
}

const CREDENTIALS = { ...STANDING, username: 1, email: 1, password: 1, mfa: 1 } as const;

export const credentialsOf = (user: Id<'user'>): Promise<Credentials | null> =>
  Users.findById(user, CREDENTIALS).lean<Credentials>().exec();

/** The account that signs in under this email address or username. */
export const credentialsByLogin = (login: string): Promise<Credentials | null> => {
  const name = login.trim().toLowerCase();
  return Users.findOne(name.includes('@') ? { email: name } : { usernameLower: name }, CREDENTIALS)
    .lean<Credentials>()
    .exec();
};

export interface NewAccount {
  readonly id: Id<'user'>;
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly displayName?: string | undefined;
  readonly birthDate?: Date | undefined;
  readonly locale: string;
  readonly currency: string;
  readonly region: string;
}

/**
 * Makes an account with its profile and settings, inside the caller's transaction. Throws
 * `DuplicateEntry`, or the database's own refusal when another took the name at this very moment.
 */
export async function createAccount(account: NewAccount, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('createAccount must run inside transaction()');
  const { id, username, email, locale, currency, birthDate } = account;
  const usernameLower = username.toLowerCase();
  if (await Users.exists({ email })) throw new DuplicateEntry({ field: 'email' });
  if (await Users.exists({ usernameLower })) throw new DuplicateEntry({ field: 'username' });
  await Users.create([
    {
      _id: id,
      username,
      usernameLower,
      email,
      password: account.passwordHash,
      homeRegion: account.region,
      ...(birthDate && { birthDate }),
    },
  ]);
  const displayName = account.displayName ?? username;
  await Profiles.create([
    { user: id, username, displayName, displayNameLower: displayName.toLowerCase() },
  ]);
  await SettingsOfUsers.create([{ user: id, locale, currency }]);
  await publish(UserRegistered, { userId: id, locale }, { now, actor: id });
}

export const USERNAME_COOL_DOWN_MS = days(30);

/** A person's own account as they see it; null once it is erased. */
export async function privateUser(id: Id<'user'>, now: Date): Promise<PrivateUser | null> {
  const user = await Users.findById(id).lean<User>();
  const profile = await profileOf(id);
  if (!user || !profile) return null;
  const settings = await settingsOf(id);
  const changeableAt =
    user.usernameChangedAt && after(user.usernameChangedAt, USERNAME_COOL_DOWN_MS);
  const usernameChangeableAt = changeableAt && changeableAt > now ? changeableAt : null;
  return toPrivateUser({ user, profile, settings, usernameChangeableAt });
}

/** Replaces the password. Everything signed in before is void: the new version of its tokens is returned. */
export async function replacePassword(user: Id<'user'>, passwordHash: string): Promise<number> {
  const changed = await Users.findOneAndUpdate(
    { _id: user },
    { $set: { password: passwordHash }, $inc: { tokenVersion: 1 } },
    { returnDocument: 'after', projection: { tokenVersion: 1 } },
  ).lean();
  return changed?.tokenVersion ?? 0;
}

/** Marks the address as proven; false when the account has another one by now, or was proven before. */
export async function confirmEmail(user: Id<'user'>, email: string, now: Date): Promise<boolean> {
  const { modifiedCount } = await Users.updateOne(
    { _id: user, email, emailVerifiedAt: { $exists: false } },
    { $set: { emailVerifiedAt: now } },
  );
  return modifiedCount === 1;
}

/** Keeps a birth date that was proven, where the account has none. */
export async function rememberBirthDate(user: Id<'user'>, birthDate: Date): Promise<void> {
  await Users.updateOne({ _id: user, birthDate: { $exists: false } }, { $set: { birthDate } });
}

interface Standing {
  readonly status: 'active' | 'suspended' | 'banned' | 'deactivated';
  readonly until?: Date | undefined;
}

/**
 * Bans, suspends, deactivates or gives back an account, inside the caller's transaction. Every token
 * of a banned or suspended account is void at once. False when it had this status already.
 */
export async function changeStatus(
  user: Id<'user'>,
  { status, until }: Standing,
  { now, actor }: { readonly now: Date; readonly actor?: Id<'user'> },
): Promise<boolean> {
  const shutOut = status === 'banned' || status === 'suspended';
  const { modifiedCount } = await Users.updateOne(
    { _id: user, status: { $nin: ['erased', ...(until ? [] : [status])] } },
    {
      $set: { status, ...(until && { suspendedUntil: until }) },
      ...(!until && { $unset: { suspendedUntil: 1 } }),
      ...(shutOut && { $inc: { tokenVersion: 1 } }),
    },
  );
  if (modifiedCount === 0) return false;
  const active = status === 'active' || status === 'suspended';
  await Profiles.updateOne({ user }, { $set: { active } });
  await publish(
    UserStatusChanged,
    { userId: user, status, ...(until && { until: until.toISOString() }) },
    { now, ...(actor && { actor }) },
  );
  return true;
}
