import {
  collection,
  date,
  flag,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const TRANSACTION_TYPES = [
  'topup',
  'transfer',
  'order',
  'refund',
  'coins',
  'gift',
  'earning',
  'withdrawal',
  'adjustment',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** One line of a person's statement: what one journal changed in one currency of theirs. */
export interface Transaction {
  readonly user: Id<'user'>;
  readonly type: TransactionType;
  readonly direction: 'in' | 'out';
  readonly amountMinor: number;
  /** An ISO code, or COIN or DIA. */
  readonly currency: string;
  readonly from?: Id<'user'>;
  readonly to?: Id<'user'>;
  readonly note?: string;
  /** Known once the line is part of the wallet. */
  readonly balanceAfter?: number;
  /** `pending` waits for a payment provider; `completed` is in the books. */
  readonly status: 'pending' | 'completed' | 'failed';
  /** In the books, but not yet added to the wallet; absent else. See settle.ts. */
  readonly unsettled?: true;
  /** When an unsettled line may be spent. */
  readonly availableAt?: Date;
  readonly ref: { readonly type: string; readonly id: Id };
  readonly journal?: string;
}

export const Transactions = collection<Transaction>('Transaction', {
  fields: {
    user: requiredRef('User'),
    type: oneOf(TRANSACTION_TYPES),
    direction: oneOf(['in', 'out']),
    amountMinor: { ...requiredWhole, min: 1 },
    currency: requiredText,
    from: ref('User'),
    to: ref('User'),
    note: text,
    balanceAfter: whole,
    status: oneOf(['pending', 'completed', 'failed'], 'completed'),
    unsettled: { ...flag, default: undefined },
    availableAt: date,
    ref: { type: part({ type: requiredText, id: requiredRef('Any') }), required: true },
    journal: text,
  },
  indexes: [
    [{ user: 1, createdAt: -1, _id: -1 }], // statementOf, transferredSince
    // settle, unsettledOf: what waits is found without reading what is settled
    [{ user: 1, availableAt: 1, _id: 1 }, { partialFilterExpression: { unsettled: true } }],
    // unsettledUsers, and the audit's sum
    [{ unsettled: 1, availableAt: 1, _id: 1 }, { partialFilterExpression: { unsettled: true } }],
    [{ 'ref.id': 1 }], // lineOf
  ],
  personalData: {
    owner: ['user'],
    erase: { pseudonymise: ['note'] },
    because: 'Books of account are kept for ten years.',
  },
});
