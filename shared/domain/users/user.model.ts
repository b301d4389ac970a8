import type { RestrictedAction, Restriction, Role } from '#platform/access.ts';
import { collection, date, oneOf, part, requiredText, text, whole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** `suspended` ends by itself; `deactivated` is the owner's own wish; `erased` is what is left of an account. */
export const USER_STATUSES = ['active', 'suspended', 'banned', 'deactivated', 'erased'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

export interface SecondFactor {
  /** The TOTP secret, sealed. */
  readonly secret: string;
  /** Absent while the enrolment waits for its first code. */
  readonly enabledAt?: Date;
  /** The last time step whose code was spent: a code is good once. */
  readonly lastStep: number;
  /** Digests of the recovery codes that are left. */
  readonly recoveryCodes: readonly string[];
}

export interface User {
  readonly _id: Id<'user'>;
  /** As written by its owner; unique without regard to case. */
  readonly username: string;
  readonly usernameLower: string;
  readonly usernameChangedAt?: Date;
  /** In lower case. */
  readonly email: string;
  readonly emailVerifiedAt?: Date;
  /** A bcrypt hash; absent for who signs in with another company's account only. */
  readonly password?: string;
  readonly role: Role;
  readonly status: UserStatus;
  readonly suspendedUntil?: Date;
  readonly restrictions: readonly Restriction[];
  readonly mfa?: SecondFactor;
  readonly oauth: readonly { readonly provider: string; readonly subject: string }[];
  /** Counts the times when everything this account was signed in with was thrown away. */
  readonly tokenVersion: number;
  readonly birthDate?: Date;
  readonly homeRegion: string;
  readonly deletionDueAt?: Date;
}

const ACTIONS: readonly RestrictedAction[] = ['post', 'comment', 'message', 'live', 'pay', 'sell'];

export const Users = collection<User>('User', {
  fields: {
    username: requiredText,
    usernameLower: requiredText,
    usernameChangedAt: date,
    email: requiredText,
    emailVerifiedAt: date,
    password: text,
    role: oneOf(['user', 'seller', 'admin'], 'user'),
    status: oneOf(USER_STATUSES, 'active'),
    suspendedUntil: date,
    restrictions: {
      type: [part({ action: oneOf(ACTIONS), until: date, caseId: text })],
      default: [],
    },
    mfa: {
      type: part({
        secret: requiredText,
        enabledAt: date,
        lastStep: { ...whole, default: 0 },
        recoveryCodes: { type: [String], default: [] },
      }),
    },
    oauth: {
      type: [part({ provider: requiredText, subject: requiredText })],
      default: [],
    },
    tokenVersion: { ...whole, default: 0 },
    birthDate: date,
    homeRegion: requiredText,
    deletionDueAt: date,
  },
  indexes: [
    [{ usernameLower: 1 }, { unique: true }], // findByHandle, sign-in by username
    [{ usernameLower: 1, _id: 1 }], // accounts by name
    [{ email: 1 }, { unique: true }], // sign-in by email
    [
      { 'oauth.provider': 1, 'oauth.subject': 1 },
      { unique: true, partialFilterExpression: { 'oauth.subject': { $exists: true } } },
    ], // sign-in with another company's account
    [{ role: 1, status: 1, createdAt: -1, _id: -1 }], // accounts by role and status
    [{ role: 1, createdAt: -1, _id: -1 }], // accounts by role
    [{ status: 1, createdAt: -1, _id: -1 }], // accounts by status
    [{ createdAt: -1, _id: -1 }], // accounts
    [
      { deletionDueAt: 1, _id: 1 },
      { partialFilterExpression: { deletionDueAt: { $exists: true } } },
    ], // processDeletions
  ],
  personalData: {
    owner: ['_id'],
    hidden: ['password', 'mfa', 'oauth', 'tokenVersion'],
    erase: {
      pseudonymise: [
        'username',
        'usernameLower',
        'email',
        'password',
        'mfa',
        'oauth',
        'birthDate',
        'homeRegion',
      ],
    },
    because: 'A tombstone keeps the id from being given to somebody else.',
  },
});
