import {
  collection,
  flag,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const BADGES = ['verified', 'seller', 'staff'] as const;
export type Badge = (typeof BADGES)[number];

export const PROFILE_COUNTS = ['followers', 'following', 'content', 'likes'] as const;
export type ProfileCount = (typeof PROFILE_COUNTS)[number];

export interface Profile {
  readonly user: Id<'user'>;
  /** The owner's username, again, so that a page of people is one query. */
  readonly username: string;
  readonly displayName: string;
  readonly displayNameLower: string;
  readonly bio: string;
  /** The address of a public image. */
  readonly avatar: string | null;
  readonly avatarAsset?: Id<'media'>;
  readonly links: readonly string[];
  readonly isPrivate: boolean;
  readonly badge: Badge | null;
  /** False once the account is banned, deactivated or erased: it can be seen by nobody. */
  readonly active: boolean;
  readonly counts: Readonly<Record<ProfileCount, number>>;
  readonly shop?: Id<'shop'>;
}

const count = { ...whole, default: 0 } as const;

export const Profiles = collection<Profile>('Profile', {
  fields: {
    user: requiredRef('User'),
    username: requiredText,
    displayName: requiredText,
    displayNameLower: requiredText,
    bio: { ...text, default: '' },
    avatar: { ...text, default: null },
    avatarAsset: ref('MediaAsset'),
    links: { type: [String], default: [] },
    isPrivate: flag,
    badge: { ...oneOf(BADGES), required: false, enum: [...BADGES, null], default: null },
    active: { type: Boolean, default: true },
    counts: {
      type: part({ followers: count, following: count, content: count, likes: count }),
      default: () => ({}),
    },
    shop: ref('Shop'),
  },
  indexes: [
    [{ user: 1 }, { unique: true }], // cardsOf, relationsOf
    [{ displayNameLower: 1, _id: 1 }], // people search by prefix
    [{ 'counts.followers': -1, _id: -1 }], // suggestions
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
