import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import type { Profile } from './profile.model.ts';
import type { Relation } from './relations.ts';
import type { User } from './user.model.ts';
import type { UserSettings } from './user-settings.model.ts';
import { toCard, UserCard } from './users.ts';

const PublicFields = UserCard.extend({
  bio: z.string(),
  links: z.array(z.string()),
  isPrivate: z.boolean(),
  counts: z.object({
    followers: z.int(),
    following: z.int(),
    content: z.int(),
    likes: z.int(),
  }),
  joinedAt: z.iso.datetime(),
});

/** What anybody may know of a person. */
export const PublicUser = PublicFields.extend({
  /** How the caller stands to this person; null when signed out. */
  relation: z
    .object({
      self: z.boolean(),
      follows: z.boolean(),
      requested: z.boolean(),
      followedBy: z.boolean(),
      friends: z.boolean(),
    })
    .nullable(),
});
export type PublicUser = z.infer<typeof PublicUser>;

/** What people see of their own account. */
export const PrivateUser = PublicFields.extend({
  email: z.string(),
  emailVerified: z.boolean(),
  mfaEnabled: z.boolean(),
  role: z.enum(['user', 'seller', 'admin']),
  status: z.string(),
  birthDate: z.iso.date().nullable(),
  locale: z.string(),
  currency: z.string(),
  /** When the username may be changed again; null when it may be now. */
  usernameChangeableAt: z.iso.datetime().nullable(),
});
export type PrivateUser = z.infer<typeof PrivateUser>;

const publicFields = (profile: Profile & Stored) => ({
  ...toCard(profile),
  bio: profile.bio,
  links: [...profile.links],
  isPrivate: profile.isPrivate,
  counts: { ...profile.counts },
  joinedAt: profile.createdAt.toISOString(),
});

export const toPublicUser = (
  profile: Profile & Stored,
  relation: Relation | undefined,
): PublicUser => ({
  ...publicFields(profile),
  relation: relation
    ? {
        self: relation.self,
        follows: relation.follows,
        requested: relation.requested,
        followedBy: relation.followedBy,
        friends: relation.friends,
      }
    : null,
});

export interface OwnAccount {
  readonly user: User;
  readonly profile: Profile & Stored;
  readonly settings: Pick<UserSettings, 'locale' | 'currency'>;
  readonly usernameChangeableAt: Date | null;
}

export const toPrivateUser = ({
  user,
  profile,
  settings,
  usernameChangeableAt,
}: OwnAccount): PrivateUser => ({
  ...publicFields(profile),
  username: user.username,
  email: user.email,
  emailVerified: user.emailVerifiedAt !== undefined,
  mfaEnabled: user.mfa?.enabledAt !== undefined,
  role: user.role,
  status: user.status,
  birthDate: user.birthDate?.toISOString().slice(0, 10) ?? null,
  locale: settings.locale,
  currency: settings.currency,
  usernameChangeableAt: usernameChangeableAt?.toISOString() ?? null,
});
