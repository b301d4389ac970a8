import {
  collection,
  mixed,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** One side of a movement of value. Value leaves the account that is debited. */
export interface LedgerEntry {
  /** `transfer:66f…`: the business event it belongs to, so that one event is posted once. */
  readonly journal: string;
  readonly seq: number;
  /** How many entries the journal has. */
  readonly of: number;
  readonly account: string;
  readonly currency: string;
  readonly debit: number;
  readonly credit: number;
  readonly event: { readonly type: string; readonly id: Id };
  /** The hash of the entry before it in its journal. */
  readonly prevHash: string;
  readonly hash: string;
  readonly postedAt: Date;
  /** Only in a seal, an entry that moves nothing: see seals.ts. */
  readonly seal?: Seal;
}

/** What was true of the history when it was sealed. */
export interface Seal {
  /** The history up to this id, and after that of the seal before. */
  readonly upTo: Id;
  readonly entries: number;
  readonly digest: string;
  /** The proof that was made with it. */
  readonly proof: Readonly<Record<string, unknown>>;
}

/** The books. Entries are added by ledger.ts and seals.ts, and never changed or deleted. */
export const LedgerEntries = collection<LedgerEntry>('LedgerEntry', {
  fields: {
    journal: requiredText,
    seq: requiredWhole,
    of: requiredWhole,
    account: requiredText,
    /** Empty in a seal. */
    currency: { type: String, default: '' },
    debit: { ...requiredWhole, min: 0 },
    credit: { ...requiredWhole, min: 0 },
    event: { type: part({ type: requiredText, id: requiredRef('Any') }), required: true },
    prevHash: { type: String, default: '' },
    hash: requiredText,
    postedAt: requiredDate,
    seal: {
      type: part({
        upTo: requiredRef('LedgerEntry'),
        entries: requiredWhole,
        digest: requiredText,
        proof: mixed,
      }),
    },
  },
  indexes: [
    [{ journal: 1, seq: 1 }, { unique: true }], // one event, one journal; reading a journal
    [{ account: 1, postedAt: -1, _id: -1 }], // the statement of an account, the latest seal
    [{ account: 1, _id: 1 }], // balancesOfAccounts, proveCheckpoints
    [{ postedAt: 1 }], // volumesBetween
  ],
  // Accounts carry an id and entries carry amounts; the person is erased where the id leads.
  personalData: 'none',
});
