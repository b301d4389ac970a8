import { inTransaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { AccountRestricted, InsufficientBalance, Unavailable } from '#platform/problem.ts';
import { type Account, type BalanceField, fieldFor, walletSide } from './accounts.ts';
import { chained } from './chain.ts';
import { LedgerEntries } from './ledger-entry.model.ts';
import { settledWallet, type WalletRow, walletOf } from './settle.ts';
import { type Transaction, Transactions, type TransactionType } from './transaction.model.ts';
import { Wallets } from './wallet.model.ts';

/** Value that leaves one account and arrives in another. */
export interface Movement {
  readonly from: Account;
  readonly to: Account;
  readonly amountMinor: number;
  /** An ISO code, or COIN or DIA. */
  readonly currency: string;
}

export interface Posting {
  /** What happened. Each event is posted once; a second posting fails on a duplicate key. */
  readonly event: { readonly type: string; readonly id: Id };
  readonly movements: readonly Movement[];
  /** What the statements of the people involved say. */
  readonly line: {
    readonly type: TransactionType;
    readonly from?: Id<'user'>;
    readonly to?: Id<'user'>;
    readonly note?: string | undefined;
    /** A line that was written as `pending` when the event was only intended. */
    readonly pending?: Id<'transaction'>;
  };
  /** When what is credited may be spent; at once unless said. */
  readonly availableAt?: Date;
}

export type TransactionRow = Transaction & { readonly _id: Id<'transaction'> };

interface Change {
  readonly user: Id<'user'>;
  readonly field: BalanceField;
  readonly currency: string;
  readonly byMinor: number;
}

const MOST_MOVEMENTS = 500;

export const journalOf = ({ type, id }: Posting['event']): string => `${type}:${id.toHexString()}`;

/**
 * Writes one journal: its entries, a statement line for each person whose balance it changes, and
 * the debit of at most one wallet. This is the only way value moves. Throws `InsufficientBalance`
 * when the wallet has too little, also with what is unsettled.
 *
 * Call it last: the debited wallet is its last write, so that others wait for it as briefly as can
 * be. Credited wallets are not touched: their lines are added to them later (settle.ts).
 */
export async function post(posting: Posting, now: Date): Promise<readonly TransactionRow[]> {
  if (!inTransaction()) throw new Error('post() must be called inside transaction()');
  check(posting.movements);
  const changes = changesOf(posting.movements);
  const debits = changes.filter(({ byMinor }) => byMinor < 0);
  const [debit, ...others] = debits;
  if (others.length > 0) throw new RangeError('A journal debits at most one wallet');

  const payer = debit && (await readyToPay(debit, now));
  await LedgerEntries.insertMany(entriesOf(posting, now));
  const lines: TransactionRow[] = [];
  for (const change of changes.filter(({ byMinor }) => byMinor > 0))
    lines.push(await credit(posting, change, now));
  if (debit && payer) lines.unshift(await pay(posting, debit, payer));
  return lines;
}

function check(movements: readonly Movement[]): void {
  if (movements.length === 0 || movements.length > MOST_MOVEMENTS)
    throw new RangeError(`A journal has 1 to ${MOST_MOVEMENTS} movements`);
  for (const { from, to, amountMinor, currency } of movements) {
    if (!Number.isSafeInteger(amountMinor) || amountMinor < 1 || amountMinor > MAX_AMOUNT_MINOR)
      throw new RangeError(`Not an amount: ${amountMinor} from ${from} to ${to}`);
    if (from === to) throw new RangeError(`Not a movement: from ${from} to itself`);
    for (const side of [walletSide(from), walletSide(to)])
      if (side && side.field !== fieldFor(currency))
        throw new RangeError(`Not an account for ${currency}: ${from} or ${to}`);
  }
}

/** What a journal changes in each wallet, in all; nothing where it cancels out. */
function changesOf(movements: readonly Movement[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { from, to, amountMinor, currency } of movements)
    for (const [account, by] of [
      [from, -amountMinor],
      [to, amountMinor],
    ] as const) {
      const side = walletSide(account);
      if (!side) continue;
      const key = `${account}/${currency}`;
      const byMinor = (changes.get(key)?.byMinor ?? 0) + by;
      changes.set(key, { ...side, currency, byMinor });
    }
  return [...changes.values()].filter(({ byMinor }) => byMinor !== 0);
}

function entriesOf({ event, movements }: Posting, now: Date) {
  const journal = journalOf(event);
  const sides = movements.flatMap(({ from, to, amountMinor, currency }) => [
    { account: from, currency, debit: amountMinor, credit: 0 },
    { account: to, currency, debit: 0, credit: amountMinor },
  ]);
  return chained(
    sides.map((side, seq) => ({
      ...side,
      journal,
      seq,
      of: sides.length,
      event,
      postedAt: now,
    })),
  );
}

/** The wallet that pays, with unsettled credits added if it needs them. */
async function readyToPay(
  { user, field, currency, byMinor }: Change,
  now: Date,
): Promise<WalletRow> {
  const enough = (wallet: WalletRow) => wallet[field] + byMinor >= 0;
  const wallet = await settledWallet(await walletOf(user), now, enough);
  if (wallet.status === 'frozen') throw new AccountRestricted({ until: null });
  if (field === 'cashMinor' && wallet.currency !== currency)
    throw new RangeError(`A wallet in ${wallet.currency} cannot pay in ${currency}`);
  if (!enough(wallet)) throw new InsufficientBalance();
  return wallet;
}

/** The wallet was read in this snapshot: if it has changed since, this write fails and all is run again. */
async function pay(posting: Posting, debit: Change, payer: WalletRow): Promise<TransactionRow> {
  const { field, byMinor } = debit;
  const line = {
    ...lineOf(posting, debit),
    direction: 'out' as const,
    balanceAfter: payer[field] + byMinor,
  };
  await Transactions.create([line]);
  const { matchedCount } = await Wallets.updateOne(
    { _id: payer._id, version: payer.version, [field]: { $gte: -byMinor } },
    { $inc: { [field]: byMinor, version: 1 } },
  );
  if (matchedCount === 0) throw new Unavailable({ retryAfterSeconds: 1 });
  return line;
}

async function credit(posting: Posting, change: Change, now: Date): Promise<TransactionRow> {
  const wallet = await walletOf(change.user);
  if (change.field === 'cashMinor' && wallet.currency !== change.currency)
    throw new RangeError(`A wallet in ${wallet.currency} cannot take ${change.currency}`);
  const availableAt = posting.availableAt ?? now;
  const unsettled = { status: 'completed' as const, unsettled: true as const, availableAt };
  const { pending } = posting.line;
  if (!pending) {
    const line = { ...lineOf(posting, change), direction: 'in' as const, ...unsettled };
    await Transactions.create([line]);
    return line;
  }
  const line = await Transactions.findOneAndUpdate(
    { _id: pending, user: change.user, currency: change.currency, status: { $ne: 'completed' } },
    { $set: { ...unsettled, amountMinor: change.byMinor, journal: journalOf(posting.event) } },
    { returnDocument: 'after' },
  ).lean<TransactionRow>();
  if (!line) throw new RangeError(`No pending line for ${journalOf(posting.event)}`);
  return line;
}

function lineOf({ event, line }: Posting, { user, currency, byMinor }: Change) {
  const { type, from, to, note } = line;
  return {
    _id: newId<'transaction'>(),
    user,
    type,
    amountMinor: Math.abs(byMinor),
    currency,
    ...(from && { from }),
    ...(to && { to }),
    ...(note && { note }),
    status: 'completed' as const,
    ref: event,
    journal: journalOf(event),
  };
}
