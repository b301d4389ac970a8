import type { Stored } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { type Payee, type PayoutAccount, PayoutAccounts } from './payout-account.model.ts';

export type { Payee } from './payout-account.model.ts';
export type PayoutAccountRow = PayoutAccount & Stored;

const of = ({ type, id }: Payee) => ({ 'payee.id': id, 'payee.type': type });

/** Where this payee is paid; null while nobody has said. */
export const payoutAccountOf = (owner: Payee): Promise<PayoutAccountRow | null> =>
  PayoutAccounts.findOne(of(owner)).lean<PayoutAccountRow>().exec();

interface NewAccount {
  /** The provider's id of the bank account. */
  readonly ref: string;
  /** For its owner to know it by: `DE •• 4321`. */
  readonly label: string;
  readonly person?: Id<'user'> | undefined;
  readonly schedule?: PayoutAccount['schedule'] | undefined;
}

/**
 * Says where a payee is paid from now on. Another account, and one that money came back from, counts
 * as new from this moment; the same again keeps its age.
 */
export async function savePayoutAccount(
  owner: Payee,
  { ref, label, person, schedule }: NewAccount,
  now: Date,
): Promise<void> {
  const known = owner.type === 'user' ? { person: owner.id } : person && { person };
  const kept = { label, ...known, ...(schedule && { schedule }) };
  const { matchedCount } = await PayoutAccounts.updateOne(
    { ...of(owner), ref, flagged: { $exists: false } },
    { $set: kept },
  );
  if (matchedCount > 0) return;
  await PayoutAccounts.updateOne(
    of(owner),
    {
      $set: { ...kept, ref, since: now },
      $unset: { flagged: 1 },
    },
    { upsert: true, setDefaultsOnInsert: true },
  );
}
