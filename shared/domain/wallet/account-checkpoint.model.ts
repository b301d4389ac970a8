import { collection, requiredRef, requiredText, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What an account came to, over all entries up to one that is history. See checkpoints.ts. */
export interface AccountCheckpoint {
  readonly account: string;
  readonly currency: string;
  /** The id of a ledger entry. */
  readonly upTo: Id;
  readonly minor: number;
}

/** Written by checkpoints.ts only; a projection that the audit holds against the entries. */
export const AccountCheckpoints = collection<AccountCheckpoint>('AccountCheckpoint', {
  fields: {
    account: requiredText,
    /** Empty in the mark that says how far all of them are. */
    currency: { type: String, default: '' },
    upTo: requiredRef('LedgerEntry'),
    minor: requiredWhole,
  },
  indexes: [
    [{ account: 1, currency: 1 }, { unique: true }], // balancesOfAccounts, advance
  ],
  // Accounts carry an id; the person is erased where the id leads.
  personalData: 'none',
});
