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
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const PAYEE_TYPES = ['shop', 'user'] as const;

/** When a payee is paid: when they ask, or every week. */
export const SCHEDULES = ['manual', 'weekly'] as const;

/** Who is paid: a shop, or a person as creator. */
export interface Payee {
  readonly type: (typeof PAYEE_TYPES)[number];
  readonly id: Id;
}

/** Where a payee's money is sent. Of a bank account we know the provider's id of it and a label. */
export interface PayoutAccount {
  readonly payee: Payee;
  /** The person behind the payee, as far as known. */
  readonly person?: Id<'user'>;
  /** The provider's id of the bank account. */
  readonly ref: string;
  /** For its owner to know it by: `DE •• 4321`. */
  readonly label: string;
  /** Since when it is this one. */
  readonly since: Date;
  /** Money came back from it: it must be entered anew. */
  readonly flagged?: { readonly reason: string; readonly at: Date };
  readonly schedule: (typeof SCHEDULES)[number];
  /** When the schedule pays next; only where there is one. */
  readonly nextAt?: Date;
  /** Grows with every payout, so that two that begin at once meet at this row. */
  readonly payouts: number;
}

export const PayoutAccounts = collection<PayoutAccount>('PayoutAccount', {
  fields: {
    payee: {
      type: part({ type: oneOf(PAYEE_TYPES), id: requiredRef('Any') }),
      required: true,
    },
    person: ref('User'),
    ref: requiredText,
    label: requiredText,
    since: requiredDate,
    flagged: { type: part({ reason: requiredText, at: requiredDate }) },
    schedule: oneOf(SCHEDULES, 'manual'),
    nextAt: date,
    payouts: { ...requiredWhole, default: 0 },
  },
  indexes: [
    [{ 'payee.id': 1, 'payee.type': 1 }, { unique: true }], // payoutAccountOf, and every payout
    [{ nextAt: 1, _id: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } }], // dueSchedules
  ],
  personalData: {
    owner: ['person'],
    hidden: ['ref'],
    erase: 'delete',
  },
});
