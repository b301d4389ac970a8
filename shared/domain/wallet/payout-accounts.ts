import { z } from 'zod';
import { setting } from '#domain/system/settings.ts';
import { after, days, hours } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import {
  type Payee,
  type PayoutAccount,
  PayoutAccounts,
  SCHEDULES,
} from './payout-account.model.ts';

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
  const weekly = schedule === 'weekly' && { nextAt: now };
  const kept = { label, ...known, ...(schedule && { schedule }), ...weekly };
  const unplanned = schedule === 'manual' && { nextAt: 1 as const };
  const { matchedCount } = await PayoutAccounts.updateOne(
    { ...of(owner), ref, flagged: { $exists: false } },
    { $set: kept, ...(unplanned && { $unset: unplanned }) },
  );
  if (matchedCount > 0) return;
  await PayoutAccounts.updateOne(
    of(owner),
    {
      $set: { ...kept, ref, since: now },
      $unset: { flagged: 1, ...unplanned },
    },
    { upsert: true, setDefaultsOnInsert: true },
  );
}

/** Money cannot be sent there: nobody said where, it came back, or the account is too new. */
export class PayoutAccountNotReady extends problem({
  code: 'payout_account_not_ready',
  status: 409,
  error: 'No payout account that can be used yet',
}) {}

/**
 * The account to pay to, in the transaction that pays. It is written to, so that of two payouts of
 * one payee that overlap, one runs again and sees the other. Throws `PayoutAccountNotReady` with
 * what is missing: `missing`, `flagged`, or `new` and when it will do.
 */
export async function claimPayoutAccount(
  payee: Payee,
  person: Id<'user'>,
  now: Date,
): Promise<{ readonly ref: string; readonly label: string }> {
  if (!inTransaction()) throw new Error('claimPayoutAccount() must be called inside transaction()');
  const age = hours(await setting('payouts.accountAgeHours'));
  const account = await PayoutAccounts.findOneAndUpdate(
    { ...of(payee), flagged: { $exists: false }, since: { $lte: after(now, -age) } },
    { $inc: { payouts: 1 }, $set: { person } },
    { returnDocument: 'after' },
  ).lean<PayoutAccountRow>();
  if (account) return { ref: account.ref, label: account.label };
  const known = await payoutAccountOf(payee);
  if (!known) throw new PayoutAccountNotReady({ current: 'missing' });
  if (known.flagged) throw new PayoutAccountNotReady({ current: 'flagged' });
  throw new PayoutAccountNotReady({ current: 'new', until: after(known.since, age) });
}

/** Says that money came back from this account; unless it has been replaced since. */
export async function flagPayoutAccount(
  payee: Payee,
  ref: string,
  reason: string,
  now: Date,
): Promise<void> {
  await PayoutAccounts.updateOne({ ...of(payee), ref }, { $set: { flagged: { reason, at: now } } });
}

/** An account as its owner sees it. */
export const PayoutAccountView = z.object({
  label: z.string(),
  /** From when on it can be paid to; null while it must be entered anew. */
  usableAt: z.iso.datetime().nullable(),
  schedule: z.enum(SCHEDULES),
});

export async function toPayoutAccountView({ label, since, flagged, schedule }: PayoutAccountRow) {
  const age = hours(await setting('payouts.accountAgeHours'));
  return { label, usableAt: flagged ? null : after(since, age).toISOString(), schedule };
}

/** Accounts that are paid by a schedule and are due, the longest waiting first. */
export const dueSchedules = (now: Date, limit: number): Promise<PayoutAccountRow[]> =>
  PayoutAccounts.find({
    // `$exists` repeats the index's own condition, without which not every engine uses it.
    nextAt: { $exists: true, $lte: now },
  })
    .sort({ nextAt: 1, _id: 1 })
    .limit(limit)
    .lean<PayoutAccountRow[]>()
    .exec();

const WEEK_MS = days(7);

/** Moves a schedule to the next week after now; once, however many runs there are. */
export async function moveSchedule({ _id, nextAt }: PayoutAccountRow, now: Date): Promise<void> {
  if (!nextAt) return;
  const weeks = Math.floor((now.getTime() - nextAt.getTime()) / WEEK_MS) + 1;
  await PayoutAccounts.updateOne(
    { _id, nextAt },
    { $set: { nextAt: after(nextAt, weeks * WEEK_MS) } },
  );
}
