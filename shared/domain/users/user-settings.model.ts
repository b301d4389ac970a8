import {
  collection,
  mixed,
  oneOf,
  part,
  requiredRef,
  requiredText,
  requiredWhole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const AUDIENCES = ['everyone', 'followers', 'friends', 'nobody'] as const;
export type Audience = (typeof AUDIENCES)[number];

export interface Channels {
  readonly push?: boolean;
  readonly inApp?: boolean;
  readonly email?: boolean;
}

export interface UserSettings {
  readonly user: Id<'user'>;
  readonly privacy: {
    readonly dm: Audience;
    readonly comment: Audience;
    readonly duet: Audience;
    readonly seeLikes: Audience;
  };
  /** By type of notification; what is not said is the product's default. */
  readonly notifications: Readonly<Record<string, Channels>>;
  /** Minutes of the day in the person's own zone; may pass midnight. */
  readonly quietHours?: {
    readonly startMinute: number;
    readonly endMinute: number;
    readonly timeZone: string;
  };
  readonly mutedUsers: readonly Id<'user'>[];
  readonly mutedKeywords: readonly string[];
  readonly feed: { readonly personalised: boolean };
  readonly locale: string;
  readonly currency: string;
}

const audience = (initial: Audience) => oneOf(AUDIENCES, initial);

export const SettingsOfUsers = collection<UserSettings>('UserSettings', {
  fields: {
    user: requiredRef('User'),
    privacy: {
      type: part({
        dm: audience('everyone'),
        comment: audience('everyone'),
        duet: audience('everyone'),
        seeLikes: audience('nobody'),
      }),
      default: () => ({}),
    },
    notifications: { ...mixed, default: () => ({}) },
    quietHours: {
      type: part({
        startMinute: requiredWhole,
        endMinute: requiredWhole,
        timeZone: requiredText,
      }),
    },
    mutedUsers: { type: [requiredRef('User')], default: [] },
    mutedKeywords: { type: [String], default: [] },
    feed: {
      type: part({ personalised: { type: Boolean, default: true } }),
      default: () => ({}),
    },
    locale: { ...requiredText, default: 'en' },
    currency: { ...requiredText, default: 'USD' },
  },
  indexes: [
    [{ user: 1 }, { unique: true }], // settingsOf
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
