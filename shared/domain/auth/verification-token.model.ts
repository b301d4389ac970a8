import {
  collection,
  date,
  mixed,
  oneOf,
  ref,
  requiredDate,
  requiredText,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const VERIFICATION_KINDS = ['verify_email', 'reset_password', 'mfa_challenge'] as const;
export type VerificationKind = (typeof VERIFICATION_KINDS)[number];

/** A secret that is good once and for a short time. The secret itself is stored nowhere. */
export interface VerificationToken {
  readonly _id: Id<'verification'>;
  /** Absent when somebody asked for an address that has no account. */
  readonly user?: Id<'user'>;
  readonly kind: VerificationKind;
  readonly tokenHash: string;
  /** The address a letter goes to, or the device that waits for its second factor. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly consumedAt: Date | null;
  readonly expiresAt: Date;
}

export const VerificationTokens = collection<VerificationToken>('VerificationToken', {
  fields: {
    user: ref('User'),
    kind: oneOf(VERIFICATION_KINDS),
    tokenHash: requiredText,
    payload: { ...mixed, default: () => ({}) },
    attempts: { ...whole, default: 0 },
    consumedAt: { ...date, default: null },
    expiresAt: requiredDate,
  },
  indexes: [
    [{ tokenHash: 1 }, { unique: true }], // consume, countGuess, isGood
    [{ user: 1, kind: 1, createdAt: -1, _id: -1 }], // issueLink, linksSince
    [{ expiresAt: 1 }, { expireAfterSeconds: 86_400 }],
  ],
  personalData: { owner: ['user'], hidden: ['tokenHash'], erase: 'delete' },
});
