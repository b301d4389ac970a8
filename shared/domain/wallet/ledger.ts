import { inTransaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import {
  AccountRestricted,
  InsufficientBalance,
  NotFound,
  type Outcome,
  Problem,
  succeeded,
  Unavailable,
} from '#platform/problem.ts';
import { type Account, type BalanceField, fieldFor, walletSide } from './accounts.ts';
import { chained } from './chain.ts';
import { LedgerEntries } from './ledger-entry.model.ts';
import { settledWallets, type WalletRow } from './settle.ts';
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
 * when the wallet has too little, also with what is unsettled. The payer's line comes first.
 *
 * Call it last: the debited wallet is its last write, so that others wait for it as briefly as can
 * be. Credited wallets are not touched: their lines are added to them later (settle.ts).
 */
export async function post(posting: Posting, now: Date): Promise<readonly TransactionRow[]> {
  const [posted] = await postAll([posting], now);
  if (!posted) throw new Error('unreachable: one posting has one outcome');
  if (posted instanceof Problem) throw posted;
  return posted;
}

/**
 * Writes many journals in as many writes as one. One whose payer cannot pay is left out, and gives
 * the problem in place of its lines; the others are as if it had never been asked for. Payers are
 * charged in the order of the postings.
 */
export async function postAll(
  postings: readonly Posting[],
  now: Date,
): Promise<readonly Outcome<readonly TransactionRow[]>[]> {
  if (!inTransaction()) throw new Error('post() must be called inside transaction()');
  const plans = postings.map(planOf);
  const debits = plans.flatMap(({ debit }) => debit ?? []);
  const people = plans.flatMap(({ debit, credits }) => [...(debit ? [debit] : []), ...credits]);
  const purse = new Purse(await settledWallets(people, debits, now));
  const outcomes: Outcome<Plan & { readonly balanceAfter: number }>[] = [];
  for (const plan of plans) outcomes.push(purse.charge(plan));

  const accepted = succeeded(outcomes);
  if (accepted.length > 0)
    await LedgerEntries.insertMany(accepted.flatMap(({ posting }) => entriesOf(posting, now)));
  const lines = await writeLines(accepted, now);
  await purse.pay();
  return outcomes.map((outcome) =>
    outcome instanceof Problem ? outcome : (lines.get(outcome.posting) ?? []),
  );
}

/** A posting with what it changes in wallets: it takes from at most one. */
interface Plan {
  readonly posting: Posting;
  readonly debit: Change | undefined;
  readonly credits: readonly Change[];
}

function planOf(posting: Posting): Plan {
  check(posting.movements);
  const changes = changesOf(posting.movements);
  const [debit, ...others] = changes.filter(({ byMinor }) => byMinor < 0);
  if (others.length > 0) throw new RangeError('A journal debits at most one wallet');
  return { posting, debit, credits: changes.filter(({ byMinor }) => byMinor > 0) };
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

/** The wallets of all who are involved, as of this snapshot, and what has been taken from them. */
class Purse {
  readonly #wallets: ReadonlyMap<string, WalletRow>;
  readonly #taken = new Map<string, Record<BalanceField, number>>();

  constructor(wallets: ReadonlyMap<string, WalletRow>) {
    this.#wallets = wallets;
  }

  charge(plan: Plan): Outcome<Plan & { readonly balanceAfter: number }> {
    const { debit, credits } = plan;
    for (const { user, field, currency } of credits) {
      const wallet = this.#wallets.get(user.toHexString());
      if (!wallet) return new NotFound();
      if (field === 'cashMinor' && wallet.currency !== currency)
        throw new RangeError(`A wallet in ${wallet.currency} cannot take ${currency}`);
    }
    if (!debit) return { ...plan, balanceAfter: 0 };
    const { user, field, currency, byMinor } = debit;
    const id = user.toHexString();
    const wallet = this.#wallets.get(id);
    if (!wallet) return new NotFound();
    if (wallet.status === 'frozen') return new AccountRestricted({ until: null });
    if (field === 'cashMinor' && wallet.currency !== currency)
      throw new RangeError(`A wallet in ${wallet.currency} cannot pay in ${currency}`);
    const taken = this.#taken.get(id) ?? { cashMinor: 0, coins: 0, diamonds: 0 };
    const balanceAfter = wallet[field] - taken[field] + byMinor;
    if (balanceAfter < 0) return new InsufficientBalance();
    taken[field] -= byMinor;
    this.#taken.set(id, taken);
    return { ...plan, balanceAfter };
  }

  /** Wallets that have changed since they were read make this fail, and all is run again. */
  async pay(): Promise<void> {
    // All in the same order, so that two that meet do not each wait for the other.
    const debits = [...this.#taken].sort(([one], [other]) => (one < other ? -1 : 1));
    if (debits.length === 0) return;
    const { matchedCount } = await Wallets.bulkWrite(
      debits.flatMap(([id, taken]) => {
        const wallet = this.#wallets.get(id);
        return wallet ? [{ updateOne: debitOf(wallet, taken) }] : [];
      }),
    );
    if (matchedCount !== debits.length) throw new Unavailable({ retryAfterSeconds: 1 });
  }
}

const debitOf = ({ _id, version }: WalletRow, taken: Record<BalanceField, number>) => {
  const parts = Object.entries(taken).filter(([, minor]) => minor > 0);
  const enough = Object.fromEntries(parts.map(([field, minor]) => [field, { $gte: minor }]));
  const less = Object.fromEntries(parts.map(([field, minor]) => [field, -minor]));
  return {
    filter: { _id, version, ...enough },
    update: { $inc: { ...less, version: 1 } },
  };
};

/** The statement lines of each posting, the payer's first. */
async function writeLines(
  plans: readonly (Plan & { readonly balanceAfter: number })[],
  now: Date,
): Promise<ReadonlyMap<Posting, readonly TransactionRow[]>> {
  const lines = new Map<Posting, TransactionRow[]>();
  const fresh: TransactionRow[] = [];
  for (const { posting, debit, credits, balanceAfter } of plans) {
    const mine: TransactionRow[] = [];
    if (debit) mine.push({ ...lineOf(posting, debit), direction: 'out', balanceAfter });
    for (const change of credits) {
      const line = { ...lineOf(posting, change), direction: 'in' as const };
      const unsettled = {
        status: 'completed' as const,
        unsettled: true as const,
        availableAt: posting.availableAt ?? now,
      };
      const { pending } = posting.line;
      if (pending) lines.set(posting, [await complete(pending, posting, change, unsettled)]);
      else mine.push({ ...line, ...unsettled });
    }
    fresh.push(...mine);
    lines.set(posting, [...mine, ...(lines.get(posting) ?? [])]);
  }
  if (fresh.length > 0) await Transactions.insertMany(fresh);
  return lines;
}

/** Fills in the line that was written when the event was only intended. */
async function complete(
  pending: Id<'transaction'>,
  posting: Posting,
  change: Change,
  unsettled: Pick<TransactionRow, 'status' | 'unsettled' | 'availableAt'>,
): Promise<TransactionRow> {
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
