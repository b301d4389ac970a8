import { minutes } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { inTransaction, transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { inTurn } from '#platform/in-turn.ts';
import { NotFound, Unavailable } from '#platform/problem.ts';
import { type BalanceField, fieldFor } from './accounts.ts';
import { Transactions } from './transaction.model.ts';
import { type Wallet, Wallets } from './wallet.model.ts';

export type WalletRow = Wallet & Stored;

/** How many lines one transaction folds, and how often in a row: 10,000 lines at most. */
const FOLD = 500;
const ROUNDS = 20;

export async function walletOf(user: Id<'user'>): Promise<WalletRow> {
  const wallet = await Wallets.findOne({ user }).lean<WalletRow>();
  if (!wallet) throw new NotFound();
  return wallet;
}

/** What has been credited to a person and is not yet in their wallet. */
export const unsettledLines = (user: Id<'user'>, now: Date) => ({
  user,
  unsettled: true as const,
  availableAt: { $lte: now },
});

/**
 * Adds the oldest unsettled credits to a wallet, inside the transaction that is open. The caller
 * has read the wallet in that transaction.
 */
async function fold(
  wallet: WalletRow,
  now: Date,
): Promise<{ readonly wallet: WalletRow; readonly folded: number }> {
  const lines = await Transactions.find(unsettledLines(wallet.user, now))
    .sort({ availableAt: 1, _id: 1 })
    .limit(FOLD)
    .lean();
  if (lines.length === 0) return { wallet, folded: 0 };
  const added: Record<BalanceField, number> = { cashMinor: 0, coins: 0, diamonds: 0 };
  const settled = lines.map(({ _id, currency, amountMinor }) => {
    const field = fieldFor(currency);
    added[field] += amountMinor;
    return { _id, balanceAfter: wallet[field] + added[field] };
  });
  const { modifiedCount } = await Transactions.bulkWrite(
    settled.map(({ _id, balanceAfter }) => ({
      updateOne: {
        filter: { _id, unsettled: true },
        update: { $set: { balanceAfter }, $unset: { unsettled: 1, availableAt: 1 } },
      },
    })),
  );
  const after = await Wallets.findOneAndUpdate(
    { _id: wallet._id, version: wallet.version },
    { $inc: { ...added, version: 1 } },
    { returnDocument: 'after' },
  ).lean<WalletRow>();
  // Cannot be within one snapshot; if an engine disagrees, nothing is folded rather than twice.
  if (!after || modifiedCount !== lines.length) throw new Unavailable({ retryAfterSeconds: 1 });
  return { wallet: after, folded: lines.length };
}

interface Demand {
  readonly user: Id<'user'>;
  readonly field: BalanceField;
  /** Negative. */
  readonly byMinor: number;
}

/**
 * The wallets of some people by their ids; those of payers with what is unsettled added: the oldest
 * credits at least, so that a statement reads in order, and more until it is enough. In the open
 * transaction.
 */
export async function settledWallets(
  people: readonly { readonly user: Id<'user'> }[],
  debits: readonly Demand[],
  now: Date,
): Promise<ReadonlyMap<string, WalletRow>> {
  if (!inTransaction()) throw new Error('settledWallets() must be called inside transaction()');
  const users = unique(people.map(({ user }) => user));
  const rows =
    users.length > 0 ? await Wallets.find({ user: { $in: users } }).lean<WalletRow[]>() : [];
  const wallets = new Map(rows.map((wallet) => [wallet.user.toHexString(), wallet]));
  for (const id of await waitingOf(unique(debits.map(({ user }) => user)), now)) {
    const wallet = wallets.get(id);
    if (wallet) wallets.set(id, await settled(wallet, now, demandOn(id, debits)));
  }
  return wallets;
}

const unique = (ids: readonly Id<'user'>[]): Id<'user'>[] => [
  ...new Map(ids.map((id) => [id.toHexString(), id])).values(),
];

/** Those among some people who have credits that can be added, by their ids. */
async function waitingOf(users: readonly Id<'user'>[], now: Date): Promise<string[]> {
  const [only, ...more] = users;
  if (!only) return [];
  if (more.length === 0) return [only.toHexString()];
  const waiting = await Transactions.aggregate<{ readonly _id: Id<'user'> }>([
    { $match: { user: { $in: [...users] }, unsettled: true, availableAt: { $lte: now } } },
    { $group: { _id: '$user' } },
  ]);
  return waiting.map(({ _id }) => _id.toHexString());
}

function demandOn(user: string, debits: readonly Demand[]): Record<BalanceField, number> {
  const demand = { cashMinor: 0, coins: 0, diamonds: 0 };
  for (const { user: payer, field, byMinor } of debits)
    if (payer.toHexString() === user) demand[field] -= byMinor;
  return demand;
}

async function settled(
  wallet: WalletRow,
  now: Date,
  demand: Record<BalanceField, number>,
): Promise<WalletRow> {
  const enough = ({ cashMinor, coins, diamonds }: WalletRow) =>
    cashMinor >= demand.cashMinor && coins >= demand.coins && diamonds >= demand.diamonds;
  let current = wallet;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { wallet: next, folded } = await fold(current, now);
    current = next;
    if (folded < FOLD || enough(current)) break;
  }
  return current;
}

/** Adds a person's unsettled credits to their wallet; returns how many lines that were. */
export async function settle(user: Id<'user'>, now: Date): Promise<number> {
  let total = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!(await Transactions.exists(unsettledLines(user, now)))) return total;
    const folded = await inTurn(`actor:${user.toHexString()}`, () =>
      transaction(async () => (await fold(await walletOf(user), now)).folded),
    );
    total += folded;
    if (folded < FOLD) return total;
  }
  return total;
}

/** How long a credit is left to those who need it before the job adds it. */
const LEFT_ALONE_MS = minutes(1);

/** People with credits that nobody has asked for in a while. */
export async function unsettledUsers(now: Date, limit: number): Promise<Id<'user'>[]> {
  const before = new Date(now.getTime() - LEFT_ALONE_MS);
  const lines = await Transactions.find(
    { unsettled: true, availableAt: { $lte: before } },
    { user: 1 },
  )
    .sort({ availableAt: 1, _id: 1 })
    .limit(limit)
    .lean();
  return [...new Map(lines.map(({ user }) => [user.toHexString(), user])).values()];
}
