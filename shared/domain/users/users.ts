import { z } from 'zod';
import type { Role } from '#platform/access.ts';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText, INVALID_ID, toId } from '#platform/id.ts';
import { BADGES, type Badge, type Profile, type ProfileCount, Profiles } from './profile.model.ts';
import { type User, Users } from './user.model.ts';
import { SettingsOfUsers, type UserSettings } from './user-settings.model.ts';

/** A person as shown beside what they made. */
export const UserCard = z.object({
  id: IdText,
  username: z.string(),
  displayName: z.string(),
  avatar: z.string().nullable(),
  badge: z.enum(BADGES).nullable(),
});
export type UserCard = z.infer<typeof UserCard>;

type CardFacts = Pick<Profile, 'user' | 'username' | 'displayName' | 'avatar' | 'badge'>;
const CARD_FIELDS = {
  user: 1,
  username: 1,
  displayName: 1,
  avatar: 1,
  badge: 1,
  active: 1,
} as const;

export const toCard = ({ user, username, displayName, avatar, badge }: CardFacts): UserCard => ({
  id: user.toHexString(),
  username,
  displayName,
  avatar,
  badge,
});

/** What is shown for somebody who has left; nobody can register this name. */
const gone = (id: string): UserCard => ({
  id,
  username: 'deleted',
  displayName: 'Deleted user',
  avatar: null,
  badge: null,
});

/** The cards of these people in one query; everybody asked for gets one, also who has left. */
export async function cardsOf(ids: readonly Id<'user'>[]): Promise<Map<string, UserCard>> {
  const wanted = new Map(ids.map((id) => [id.toHexString(), id]));
  const profiles = wanted.size
    ? await Profiles.find({ user: { $in: [...wanted.values()] } }, CARD_FIELDS).lean()
    : [];
  const cards = new Map([...wanted.keys()].map((id) => [id, gone(id)]));
  for (const profile of profiles)
    if (profile.active) cards.set(profile.user.toHexString(), toCard(profile));
  return cards;
}

/** A card for an id, when its people were read with `cardsOf`. */
export const cardIn = (cards: ReadonlyMap<string, UserCard>, id: Id<'user'>): UserCard =>
  cards.get(id.toHexString()) ?? gone(id.toHexString());

/** An account that can be dealt with: neither banned, nor deactivated, nor erased. */
export interface ActiveUser {
  readonly _id: Id<'user'>;
  readonly username: string;
  readonly role: Role;
  readonly email: string;
  readonly emailVerifiedAt?: Date;
  readonly birthDate?: Date;
  readonly homeRegion: string;
  readonly restrictions: User['restrictions'];
  readonly createdAt: Date;
}

const ACTIVE = { $in: ['active', 'suspended'] as ('active' | 'suspended')[] };
const ACTIVE_FIELDS = {
  username: 1,
  role: 1,
  email: 1,
  emailVerifiedAt: 1,
  birthDate: 1,
  homeRegion: 1,
  restrictions: 1,
  createdAt: 1,
} as const;

export const findActiveUser = (id: Id<'user'>): Promise<ActiveUser | null> =>
  Users.findOne({ _id: id, status: ACTIVE }, ACTIVE_FIELDS).lean<ActiveUser>().exec();

export const USERNAME = /^[a-zA-Z0-9_.]{3,30}$/;

/** How a person is named in a path or a body: an id, or `@username`. */
export const UserHandle = z
  .string()
  .regex(/^(?:[0-9a-f]{24}|@[a-z0-9_.]{3,30})$/i, INVALID_ID)
  .meta({ description: 'A user id, or a username with @ before it.' });

/** The account behind an id or an `@username`. */
export const findByHandle = (handle: string): Promise<ActiveUser | null> =>
  handle.startsWith('@')
    ? Users.findOne({ usernameLower: handle.slice(1).toLowerCase(), status: ACTIVE }, ACTIVE_FIELDS)
        .lean<ActiveUser>()
        .exec()
    : findActiveUser(toId(handle));

/** The ids behind usernames, as in the mentions of a text; unknown names are left out. */
export async function idsOfUsernames(usernames: readonly string[]): Promise<Id<'user'>[]> {
  const names = [...new Set(usernames.map((name) => name.toLowerCase()))].slice(0, 100);
  if (names.length === 0) return [];
  const found = await Users.find({ usernameLower: { $in: names }, status: ACTIVE }, { _id: 1 })
    .limit(names.length)
    .lean();
  return found.map(({ _id }) => _id);
}

export const profileOf = (user: Id<'user'>): Promise<(Profile & Stored) | null> =>
  Profiles.findOne({ user }).lean<Profile & Stored>().exec();

/**
 * Changes a counter of a profile, as the last write of the transaction whose edge changed:
 * everybody who touches a popular profile meets here.
 */
export async function bumpProfileCount(
  user: Id<'user'>,
  field: ProfileCount,
  by: number,
): Promise<void> {
  await Profiles.updateOne({ user }, { $inc: { [`counts.${field}`]: by } });
}

/** A person's private preferences. Everybody has some: they are made with the account. */
export async function settingsOf(user: Id<'user'>): Promise<UserSettings> {
  const settings = await SettingsOfUsers.findOne({ user }).lean<UserSettings>();
  return settings ?? new SettingsOfUsers({ user }).toObject<UserSettings>();
}

/** Whom and what somebody does not want to see. */
export const mutesOf = (
  user: Id<'user'>,
): Promise<Pick<UserSettings, 'mutedUsers' | 'mutedKeywords'> | null> =>
  SettingsOfUsers.findOne({ user }, { mutedUsers: 1, mutedKeywords: 1 })
    .lean<Pick<UserSettings, 'mutedUsers' | 'mutedKeywords'>>()
    .exec();

const BADGE_OF: Readonly<Record<Role, Badge | null>> = {
  user: null,
  seller: 'seller',
  admin: 'staff',
};

/** Makes somebody a seller or an administrator, or takes that back; the badge follows. */
export async function setRole(user: Id<'user'>, role: Role): Promise<void> {
  await Users.updateOne({ _id: user }, { $set: { role } });
  await Profiles.updateOne({ user }, { $set: { badge: BADGE_OF[role] } });
}
