import { AccountCheckpoints } from './account-checkpoint.model.ts';
import type { Account } from './accounts.ts';
import { LedgerEntries } from './ledger-entry.model.ts';
import { BEGINNING } from './seals.ts';

/**
 * What accounts come to, in minor units; below zero where one owes. Each is its checkpoint and the
 * entries since, so that a shop with a million entries is as quickly asked as a new one. Inside a
 * transaction it is the sum in that snapshot.
 */
export async function balancesOfAccounts(
  accounts: readonly Account[],
  currency: string,
): Promise<Map<Account, number>> {
  const wanted = [...new Set(accounts)];
  const balances = new Map<Account, number>(wanted.map((account) => [account, 0]));
  if (wanted.length === 0) return balances;
  const checkpoints = await AccountCheckpoints.find({ account: { $in: wanted }, currency }).lean();
  const known = new Map(checkpoints.map((one) => [one.account, one]));
  const since = await LedgerEntries.aggregate<{ readonly _id: Account; readonly minor: number }>([
    {
      $match: {
        $or: wanted.map((account) => ({
          account,
          currency,
          _id: { $gt: known.get(account)?.upTo ?? BEGINNING },
        })),
      },
    },
    { $group: { _id: '$account', minor: { $sum: { $subtract: ['$credit', '$debit'] } } } },
  ]);
  const added = new Map(since.map(({ _id, minor }) => [_id, minor]));
  for (const account of wanted)
    balances.set(account, (known.get(account)?.minor ?? 0) + (added.get(account) ?? 0));
  return balances;
}

/** What one account comes to. */
export const balanceOfAccount = async (account: Account, currency: string): Promise<number> =>
  (await balancesOfAccounts([account], currency)).get(account) ?? 0;
