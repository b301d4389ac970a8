import { reader } from '#platform/auditor.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { type AccountCheckpoint, AccountCheckpoints } from './account-checkpoint.model.ts';
import { isSummed } from './accounts.ts';
import { LedgerEntries, type LedgerEntry } from './ledger-entry.model.ts';
import { type Difference, type Finding, MOST_DIFFERENCES } from './proof.ts';
import { BEGINNING } from './seals.ts';

/** How many entries one transaction adds to the checkpoints. */
const BATCH = 1000;
/** How many checkpoints are held against the entries at a time. */
const PAGE = 50;

/** The row that says how far the checkpoints are: the same for all of them. */
const MARK = { account: '*', currency: '' } as const;

/**
 * Adds history to the checkpoints, in order and each entry once: the mark moves in the same
 * transaction. A checkpoint that lags behind the mark has no entries in between. Returns how many
 * entries were read, and whether all up to the boundary were.
 */
export async function advanceCheckpoints(
  boundary: Id,
  deadline: Date,
): Promise<{ readonly read: number; readonly finished: boolean }> {
  let read = 0;
  while (clock.now() < deadline) {
    const added = await transaction(() => advance(boundary));
    read += added;
    if (added < BATCH) return { read, finished: true };
  }
  return { read, finished: false };
}

type Row = Pick<LedgerEntry, 'account' | 'currency' | 'debit' | 'credit'> & { readonly _id: Id };

async function advance(boundary: Id): Promise<number> {
  const mark = await AccountCheckpoints.findOne(MARK).lean();
  const rows = await LedgerEntries.find(
    { _id: { $gt: mark?.upTo ?? BEGINNING, $lte: boundary } },
    { account: 1, currency: 1, debit: 1, credit: 1 },
  )
    .sort({ _id: 1 })
    .limit(BATCH)
    .lean<Row[]>();
  const upTo = rows.at(-1)?._id;
  if (!upTo) return 0;
  // Two runs at once meet here: one of them is run again and finds the mark moved.
  if (mark) await AccountCheckpoints.updateOne({ _id: mark._id }, { $set: { upTo } });
  else await AccountCheckpoints.create([{ ...MARK, upTo, minor: 0 }]);
  const sums = sumsOf(rows);
  if (sums.length > 0)
    await AccountCheckpoints.bulkWrite(
      sums.map(({ account, currency, minor }) => ({
        updateOne: {
          filter: { account, currency },
          update: { $inc: { minor }, $set: { upTo } },
          upsert: true,
        },
      })),
    );
  return rows.length;
}

type Sum = Pick<AccountCheckpoint, 'account' | 'currency' | 'minor'>;

function sumsOf(rows: readonly Row[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const { account, currency, debit, credit } of rows) {
    if (!isSummed(account)) continue;
    const key = `${account}/${currency}`;
    const minor = (sums.get(key)?.minor ?? 0) + credit - debit;
    sums.set(key, { account, currency, minor });
  }
  return [...sums.values()];
}

/** Proves that every checkpoint is the sum of the entries it stands for. */
export async function proveCheckpoints(deadline: Date): Promise<Finding> {
  const differences: Difference[] = [];
  let read = 0;
  let last = BEGINNING;
  while (clock.now() <= deadline) {
    const page = await reader(AccountCheckpoints)
      .find({ _id: { $gt: last } })
      .sort({ _id: 1 })
      .limit(PAGE)
      .lean<(AccountCheckpoint & { readonly _id: Id })[]>();
    const booked = await sumsUpTo(page.filter(({ account }) => account !== MARK.account));
    for (const { account, currency, minor } of page) {
      const subject = `${account}/${currency}`;
      const expected = booked.get(subject) ?? 0;
      if (minor !== expected && differences.length < MOST_DIFFERENCES)
        differences.push({
          kind: 'checkpoint',
          subject,
          expected: String(expected),
          found: String(minor),
        });
    }
    read += page.length;
    last = page.at(-1)?._id ?? last;
    if (page.length < PAGE) return { differences, read, complete: true };
  }
  return { differences, read, complete: false };
}

/** What the entries up to each checkpoint come to; history does not change while it is read. */
async function sumsUpTo(checkpoints: readonly AccountCheckpoint[]): Promise<Map<string, number>> {
  if (checkpoints.length === 0) return new Map();
  const sums = await reader(LedgerEntries).aggregate<{
    readonly _id: { readonly account: string; readonly currency: string };
    readonly minor: number;
  }>([
    {
      $match: {
        $or: checkpoints.map(({ account, currency, upTo }) => ({
          account,
          currency,
          _id: { $lte: upTo },
        })),
      },
    },
    {
      $group: {
        _id: { account: '$account', currency: '$currency' },
        minor: { $sum: { $subtract: ['$credit', '$debit'] } },
      },
    },
  ]);
  return new Map(sums.map(({ _id, minor }) => [`${_id.account}/${_id.currency}`, minor]));
}
