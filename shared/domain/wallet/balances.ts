import { reader } from '#platform/auditor.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import {
  COIN,
  cashOf,
  coinsOf,
  DIAMOND,
  diamondsOf,
  escrowOf,
  fieldFor,
  NEVER_NEGATIVE,
} from './accounts.ts';
import { LedgerEntries } from './ledger-entry.model.ts';
import { type Difference, type Finding, MOST_DIFFERENCES } from './proof.ts';
import { BEGINNING } from './seals.ts';
import type { WalletRow } from './settle.ts';
import { Transactions } from './transaction.model.ts';
import { Wallets } from './wallet.model.ts';

const PAGE = 200;
const NET = { $sum: { $subtract: ['$credit', '$debit'] } };

/**
 * Proves that every wallet, with what is unsettled, is what its accounts say, that no account is
 * without its wallet, and that nothing which may not owe anything does.
 */
export async function proveBalances(deadline: Date): Promise<Finding> {
  const differences = [
    ...(await belowZero()),
    ...(await transaction(inAll)),
    ...(await transaction(ofAllAccounts)),
  ];
  let read = 0;
  let last = BEGINNING;
  while (clock.now() <= deadline) {
    const after = last;
    const page = await transaction(() => walletsAfter(after));
    read += page.wallets.length;
    differences.push(...page.differences.slice(0, MOST_DIFFERENCES - differences.length));
    last = page.wallets.at(-1)?._id ?? last;
    if (page.wallets.length < PAGE) return { differences, read, complete: true };
  }
  return { differences, read, complete: false };
}

/** Some wallets with the entries and lines behind them, all of one moment. */
async function walletsAfter(last: Id) {
  const wallets = await reader(Wallets)
    .find({ _id: { $gt: last } })
    .sort({ _id: 1 })
    .limit(PAGE)
    .lean<WalletRow[]>();
  if (wallets.length === 0) return { wallets, differences: [] };
  const users = wallets.map(({ user }) => user);
  const accounts = users.flatMap((user) => [cashOf(user), coinsOf(user), diamondsOf(user)]);
  const booked = await reader(LedgerEntries).aggregate<Sum<{ account: string; currency: string }>>([
    { $match: { account: { $in: accounts } } },
    { $group: { _id: { account: '$account', currency: '$currency' }, minor: NET } },
  ]);
  const waiting = await reader(Transactions).aggregate<Sum<{ user: Id; currency: string }>>([
    { $match: { user: { $in: users }, unsettled: true } },
    { $group: { _id: { user: '$user', currency: '$currency' }, minor: { $sum: '$amountMinor' } } },
  ]);
  const expected = new Map(
    booked.map(({ _id, minor }) => [`${_id.account}/${_id.currency}`, minor]),
  );
  const unsettled = new Map(
    waiting.map(({ _id, minor }) => [`${_id.user.toHexString()}/${fieldFor(_id.currency)}`, minor]),
  );
  const differences = wallets.flatMap((wallet) => {
    const { user, currency, cashMinor, heldMinor, coins, diamonds } = wallet;
    const of = (field: string) => unsettled.get(`${user.toHexString()}/${field}`) ?? 0;
    const sides: readonly (readonly [string, number])[] = [
      [`${cashOf(user)}/${currency}`, cashMinor + heldMinor + of('cashMinor')],
      [`${coinsOf(user)}/${COIN}`, coins + of('coins')],
      [`${diamondsOf(user)}/${DIAMOND}`, diamonds + of('diamonds')],
    ];
    return sides.flatMap(([subject, found]) =>
      differing('wallet', subject, expected.get(subject) ?? 0, found),
    );
  });
  return { wallets, differences };
}

interface Sum<Key> {
  readonly _id: Key;
  readonly minor: number;
}

const differing = (
  kind: Difference['kind'],
  subject: string,
  expected: number,
  found: number,
): Difference[] =>
  expected === found ? [] : [{ kind, subject, expected: String(expected), found: String(found) }];

/** An account of one kind, by its name. */
const ofKind = (kind: string) => ({ account: { $gte: `${kind}:`, $lt: `${kind};` } });

/** All wallets together, which also shows an account whose wallet has been taken away. */
async function inAll(): Promise<Difference[]> {
  const found = new Map<string, number>();
  const add = (currency: string, minor: number) =>
    found.set(currency, (found.get(currency) ?? 0) + minor);
  const wallets = await reader(Wallets).aggregate<
    { _id: string } & Record<'cash' | 'held' | 'coins' | 'diamonds', number>
  >([
    {
      $group: {
        _id: '$currency',
        cash: { $sum: '$cashMinor' },
        held: { $sum: '$heldMinor' },
        coins: { $sum: '$coins' },
        diamonds: { $sum: '$diamonds' },
      },
    },
  ]);
  for (const { _id, cash, held, coins, diamonds } of wallets) {
    add(_id, cash + held);
    add(COIN, coins);
    add(DIAMOND, diamonds);
  }
  const waiting = await reader(Transactions).aggregate<Sum<string>>([
    { $match: { unsettled: true } },
    { $group: { _id: '$currency', minor: { $sum: '$amountMinor' } } },
  ]);
  for (const { _id, minor } of waiting) add(_id, minor);
  const booked = await reader(LedgerEntries).aggregate<Sum<string>>([
    { $match: { $or: [ofKind('cash'), ofKind('coin'), ofKind('dia')] } },
    { $group: { _id: '$currency', minor: NET } },
  ]);
  const expected = new Map(booked.map(({ _id, minor }) => [_id, minor]));
  return [...new Set([...found.keys(), ...expected.keys()])].flatMap((currency) =>
    differing('wallets', currency, expected.get(currency) ?? 0, found.get(currency) ?? 0),
  );
}

type WholeSum = Sum<string>;

/** All accounts of each currency together: what one has, another gave. */
async function ofAllAccounts(): Promise<Difference[]> {
  const sums = await reader(LedgerEntries).aggregate<WholeSum>([
    { $group: { _id: '$currency', minor: NET } },
  ]);
  return sums.flatMap(({ _id, minor }) => differing('currency', _id, 0, minor));
}

async function belowZero(): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const kind of NEVER_NEGATIVE) {
    const negative = await transaction(() =>
      reader(LedgerEntries).aggregate<Sum<{ account: string; currency: string }>>([
        { $match: ofKind(kind) },
        { $group: { _id: { account: '$account', currency: '$currency' }, minor: NET } },
        { $match: { minor: { $lt: 0 } } },
        { $limit: MOST_DIFFERENCES },
      ]),
    );
    for (const { _id, minor } of negative)
      differences.push({
        kind: 'negative',
        subject: `${_id.account}/${_id.currency}`,
        expected: 'at least 0',
        found: String(minor),
      });
  }
  return differences.slice(0, MOST_DIFFERENCES);
}

/** How much value the journals of these payments took in, from outside or from a wallet. */
export async function takenIn(journals: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sums = await reader(LedgerEntries).aggregate<Sum<string>>([
    { $match: { journal: { $in: [...journals] }, $or: [{ account: 'psp' }, ofKind('cash')] } },
    { $group: { _id: '$journal', minor: { $sum: '$debit' } } },
  ]);
  return new Map(sums.map(({ _id, minor }) => [_id, minor]));
}

/** What journals changed in accounts, by the names of both: `order:66f… seller:66e…:pending`. */
export async function changesOfJournals(
  journals: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (journals.length === 0) return new Map();
  const sums = await reader(LedgerEntries).aggregate<Sum<{ journal: string; account: string }>>([
    { $match: { journal: { $in: [...journals] } } },
    { $group: { _id: { journal: '$journal', account: '$account' }, minor: NET } },
  ]);
  return new Map(sums.map(({ _id, minor }) => [`${_id.journal} ${_id.account}`, minor]));
}

/** What lies in the escrow of these orders: all of it, and that of it which is older than a moment. */
export async function escrowsOf(
  orders: readonly Id<'order'>[],
  before: Id,
): Promise<ReadonlyMap<string, { readonly minor: number; readonly oldMinor: number }>> {
  const net = { $subtract: ['$credit', '$debit'] };
  const sums = await reader(LedgerEntries).aggregate<Sum<string> & { readonly oldMinor: number }>([
    { $match: { account: { $in: orders.map(escrowOf) } } },
    {
      $group: {
        _id: '$account',
        minor: { $sum: net },
        oldMinor: { $sum: { $cond: [{ $lt: ['$_id', before] }, net, 0] } },
      },
    },
  ]);
  return new Map(sums.map(({ _id, ...sum }) => [_id, sum]));
}
