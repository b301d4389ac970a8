import {
  collection,
  oneOf,
  requiredRef,
  requiredText,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What a person can spend: the ledger's accounts of that person, as far as they are settled. */
export interface Wallet {
  readonly user: Id<'user'>;
  readonly currency: string;
  readonly cashMinor: number;
  readonly heldMinor: number;
  readonly coins: number;
  readonly diamonds: number;
  readonly status: 'active' | 'frozen';
  /** Grows with every change of a balance. */
  readonly version: number;
}

const balance = { ...whole, required: true, default: 0, min: 0 } as const;

/** Written by ledger.ts and settle.ts only; the ledger is the truth and the audit compares. */
export const Wallets = collection<Wallet>('Wallet', {
  fields: {
    user: requiredRef('User'),
    currency: requiredText,
    cashMinor: balance,
    heldMinor: balance,
    coins: balance,
    diamonds: balance,
    status: oneOf(['active', 'frozen'], 'active'),
    version,
  },
  indexes: [
    [{ user: 1 }, { unique: true }], // openWallet, walletOf, and every debit
  ],
  personalData: {
    owner: ['user'],
    erase: 'retain',
    because: 'Books of account are kept for ten years; the row holds amounts and an id.',
  },
});
