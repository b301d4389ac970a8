import {
  collection,
  date,
  flag,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** A creator is verified to be paid; the others, to sell as well. */
export const VERIFICATION_KINDS = ['individual', 'business', 'creator', 'admin_granted'] as const;
export const VERIFICATION_STATUSES = [
  'draft',
  'submitted',
  'in_review',
  'needs_info',
  'approved',
  'expired',
  'suspended',
  'rejected',
  'revoked',
  'withdrawn',
] as const;
export type VerificationStatus = (typeof VERIFICATION_STATUSES)[number];
export const PURPOSES = ['shop', 'creator'] as const;

export const REASON_CODES = [
  'documents_unreadable',
  'documents_expired',
  'documents_missing',
  'name_mismatch',
  'not_supported',
  'sanctions',
  'fraud',
  'performance',
  'other',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export const DOCUMENT_KINDS = ['identity', 'address', 'business'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
export const DOCUMENT_CODES = ['size_mismatch', 'too_large', 'type_mismatch', 'malware'] as const;
export type DocumentCode = (typeof DOCUMENT_CODES)[number];

/** A proof that somebody uploaded. Its bytes lie in the private bucket and nowhere else. */
export interface VerificationDocument {
  readonly id: Id<'document'>;
  readonly kind: DocumentKind;
  readonly object: string;
  readonly mime: string;
  readonly bytes: number;
  readonly status: 'awaited' | 'checked' | 'refused';
  /** Why it was refused. */
  readonly code?: DocumentCode;
  /** Until when the paper itself is good. */
  readonly validUntil?: Date;
  /** Where its bytes are sent to, sealed. */
  readonly uploadSession?: string;
  readonly at: Date;
}

/** Whether somebody is who they say, and may sell: one case from the first form to its end. */
export interface SellerVerification {
  readonly user: Id<'user'>;
  readonly purpose: (typeof PURPOSES)[number];
  /** The one case of this person and purpose that is not over; absent once it is. */
  readonly current?: true;
  readonly kind: (typeof VERIFICATION_KINDS)[number];
  readonly status: VerificationStatus;
  readonly legalName: string;
  /** As names are compared: in lower case, without accents and what is not a letter. */
  readonly nameKey: string;
  /** Staff has looked at a name that is on the list, and let it pass. */
  readonly nameCleared: boolean;
  readonly birthDate?: Date;
  /** An ISO country code. */
  readonly country: string;
  readonly documents: readonly VerificationDocument[];
  readonly checks: readonly {
    readonly name: string;
    readonly outcome: 'passed' | 'look';
    readonly at: Date;
  }[];
  readonly timeline: readonly {
    readonly deed: string;
    readonly status: VerificationStatus;
    readonly at: Date;
    readonly by?: Id<'user'>;
    readonly note?: string;
    readonly reasonCode?: ReasonCode;
  }[];
  readonly reviewer?: Id<'user'>;
  readonly reasonCode?: ReasonCode;
  readonly note?: string;
  readonly decidedAt?: Date;
  /** When an approval ends with its documents. */
  readonly expiresAt?: Date;
  /** How many days before the end the owner was last warned. */
  readonly warnedDays?: number;
  /** Not before this may somebody refused apply again. */
  readonly reapplyAt?: Date;
  /** When its documents have to be gone. */
  readonly eraseAt?: Date;
  /** The revocation that waits for a second person. */
  readonly revocation?: Id<'approval'>;
  readonly version: number;
}

const document = part({
  id: requiredRef('Document'),
  kind: oneOf(DOCUMENT_KINDS),
  object: requiredText,
  mime: requiredText,
  bytes: requiredWhole,
  status: oneOf(['awaited', 'checked', 'refused'], 'awaited'),
  code: { type: String, enum: [...DOCUMENT_CODES] },
  validUntil: date,
  uploadSession: text,
  at: requiredDate,
});

const step = part({
  deed: requiredText,
  status: oneOf(VERIFICATION_STATUSES),
  at: requiredDate,
  by: ref('User'),
  note: text,
  reasonCode: { type: String, enum: [...REASON_CODES] },
});

export const SellerVerifications = collection<SellerVerification>('SellerVerification', {
  fields: {
    user: requiredRef('User'),
    purpose: oneOf(PURPOSES),
    current: { type: Boolean },
    kind: oneOf(VERIFICATION_KINDS),
    status: oneOf(VERIFICATION_STATUSES, 'draft'),
    legalName: { type: String, default: '' },
    nameKey: { type: String, default: '' },
    nameCleared: flag,
    birthDate: date,
    country: { type: String, default: '' },
    documents: { type: [document], default: [] },
    checks: {
      type: [part({ name: requiredText, outcome: oneOf(['passed', 'look']), at: requiredDate })],
      default: [],
    },
    timeline: { type: [step], default: [] },
    reviewer: ref('User'),
    reasonCode: { type: String, enum: [...REASON_CODES] },
    note: text,
    decidedAt: date,
    expiresAt: date,
    warnedDays: whole,
    reapplyAt: date,
    eraseAt: date,
    revocation: ref('Approval'),
    version,
  },
  indexes: [
    [
      { user: 1, purpose: 1 },
      { unique: true, partialFilterExpression: { current: true }, name: 'current_case' },
    ], // one case at a time
    [{ user: 1, createdAt: -1, _id: -1 }], // casesOf, isVerified
    [{ status: 1, createdAt: 1, _id: 1 }], // casesIn
    [{ nameKey: 1, status: 1, _id: 1 }], // sanctionedCases
    [{ status: 1, expiresAt: 1, _id: 1 }], // endingCases, endedCases
    [{ eraseAt: 1, _id: 1 }, { partialFilterExpression: { eraseAt: { $exists: true } } }], // casesToErase
  ],
  personalData: {
    owner: ['user'],
    hidden: ['documents', 'nameKey', 'reviewer', 'timeline', 'revocation'],
    erase: { pseudonymise: ['legalName', 'nameKey', 'birthDate', 'documents'] },
    because: 'Who was let in to sell, and by whom, is kept for five years.',
  },
});
