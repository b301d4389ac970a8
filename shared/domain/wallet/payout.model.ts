import {
  collection,
  date,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  type Step,
  text,
  timeline,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { PAYEE_TYPES, type Payee } from './payout-account.model.ts';

export const PAYOUT_STATUSES = [
  'requested',
  'held',
  'approved',
  'processing',
  'paid',
  'failed',
  'returned',
  'cancelled',
] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/** Where the money of a payout comes from. */
export const PAYOUT_SOURCES = ['sales', 'affiliate', 'diamonds'] as const;
/** Why a payout waits: the books are being looked at, or somebody of ours said so. */
export const HOLD_REASONS = ['frozen', 'staff'] as const;

/** Money on its way to a bank account. */
export interface Payout {
  readonly payee: Payee;
  /** The person behind the payee, who is told what becomes of it. */
  readonly user: Id<'user'>;
  readonly currency: string;
  readonly amountMinor: number;
  /** What it is made of; `diamonds` is how many were given for it. */
  readonly items: readonly {
    readonly source: (typeof PAYOUT_SOURCES)[number];
    readonly minor: number;
    readonly diamonds?: number;
  }[];
  /** Where it goes, as it was said when it was asked for. */
  readonly account: { readonly ref: string; readonly label: string };
  readonly status: PayoutStatus;
  /** Not at its end; absent else. A payee has one open payout. */
  readonly open?: true;
  readonly provider: 'stripe';
  readonly providerRef?: string;
  readonly hold?: { readonly reason: (typeof HOLD_REASONS)[number]; readonly note?: string };
  /** A second person is asked for by it. */
  readonly approval?: Id<'approval'>;
  readonly approvedBy: readonly Id<'user'>[];
  /** Times when the provider refused though the payee did nothing wrong. */
  readonly attempts: readonly { readonly at: Date; readonly refused: string }[];
  readonly failureCode?: string;
  /** The request that began it, so that a repeated one finds it. */
  readonly operation: string;
  /** When the provider was last asked about it. */
  readonly askedAt?: Date;
  /** When it is asked about again though it is paid: banks send money back after days. */
  readonly recheckAt?: Date;
  readonly timeline: readonly Step<PayoutStatus>[];
  readonly version: number;
}

export const Payouts = collection<Payout>('Payout', {
  fields: {
    payee: { type: part({ type: oneOf(PAYEE_TYPES), id: requiredRef('Any') }), required: true },
    user: requiredRef('User'),
    currency: requiredText,
    amountMinor: { ...requiredWhole, min: 1 },
    items: {
      type: [part({ source: oneOf(PAYOUT_SOURCES), minor: requiredWhole, diamonds: whole })],
      required: true,
    },
    account: { type: part({ ref: requiredText, label: requiredText }), required: true },
    status: oneOf(PAYOUT_STATUSES, 'requested'),
    open: { type: Boolean },
    provider: oneOf(['stripe'], 'stripe'),
    providerRef: text,
    hold: { type: part({ reason: oneOf(HOLD_REASONS), note: text }) },
    approval: ref('Approval'),
    approvedBy: { type: [ref('User')], default: [] },
    attempts: { type: [part({ at: requiredDate, refused: requiredText })], default: [] },
    failureCode: text,
    operation: requiredText,
    askedAt: date,
    recheckAt: date,
    timeline,
    version,
  },
  indexes: [
    [{ operation: 1 }, { unique: true }], // payoutOfOperation
    [
      { 'payee.id': 1, 'payee.type': 1 },
      { unique: true, partialFilterExpression: { open: true }, name: 'one_open_payout' },
    ], // openPayoutOf: money is not spent twice
    [{ 'payee.id': 1, createdAt: -1, _id: -1 }], // latestPayoutsOf
    [{ status: 1, updatedAt: 1, _id: 1 }], // stuckPayouts, holdPending
    [{ status: 1, createdAt: -1, _id: -1 }], // allPayouts of one status
    [{ createdAt: -1, _id: -1 }], // allPayouts
    [{ recheckAt: 1, _id: 1 }, { partialFilterExpression: { recheckAt: { $exists: true } } }], // payoutsToRecheck
    [
      { provider: 1, providerRef: 1 },
      { unique: true, partialFilterExpression: { providerRef: { $exists: true } } },
    ], // payoutOfProvider
  ],
  personalData: {
    owner: ['user'],
    hidden: ['account', 'providerRef', 'operation', 'approval', 'approvedBy'],
    erase: 'retain',
    because: 'Books of account are kept for ten years; the row holds amounts and ids.',
  },
});
