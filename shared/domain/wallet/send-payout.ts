import { settingNow } from '#domain/system/settings.ts';
import { after, days, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { ProviderRefused } from '#platform/payments.ts';
import {
  createPayout,
  findPayout,
  type ProviderPayout,
  retrievePayout,
} from '#platform/payouts.ts';
import { Payouts } from './payout.model.ts';
import { flagPayoutAccount } from './payout-accounts.ts';
import { movePayout, type PayoutRow, payoutById, RECHECK_MS } from './payout-state.ts';

/** Refusals that say nothing about the payee: it is tried again. */
const OURS = new Set(['balance_insufficient']);
/** And then given up: two days of asking every quarter of an hour. */
const MOST_REFUSALS = 192;

/**
 * Sends an approved payout to the provider, outside of transactions. Safe to repeat: its state says
 * that it may have been sent, and its id is the provider's key. Frozen payouts are held instead.
 */
export async function sendPayout(id: Id<'payout'>, now: Date): Promise<void> {
  const frozen = await settingNow('payouts.frozen');
  const payout = await transaction(async () => {
    const step = frozen ? 'held' : 'processing';
    const set = frozen ? { hold: { reason: 'frozen' as const } } : {};
    return (await movePayout(id, step, { set, from: ['approved'] }, now)) ?? payoutById(id);
  });
  if (payout?.status === 'processing') await pursue(payout, now);
}

/** Finds out what the provider has made of it, and asks for it where it knows nothing. */
async function pursue(payout: PayoutRow, now: Date): Promise<void> {
  const { _id, providerRef, account, amountMinor, currency, attempts } = payout;
  const payoutId = _id.toHexString();
  if (providerRef) return applyTruth(_id, await retrievePayout(providerRef), now);
  const found = payout.askedAt && (await findPayout(payoutId, account.ref));
  if (found) return applyTruth(_id, found, now);
  await note(_id, { askedAt: now });
  // What was refused was not sent: only then is there a new key.
  const key = attempts.length === 0 ? payoutId : `${payoutId}:${attempts.length}`;
  const order = { payoutId, key, amountMinor, currency, destination: account.ref };
  try {
    await applyTruth(_id, await createPayout(order), now);
  } catch (error) {
    if (!(error instanceof ProviderRefused) || error.code === 'idempotency_error') throw error;
    await refused(payout, error.code, now);
  }
}

async function note(id: Id<'payout'>, learned: { askedAt?: Date; providerRef?: string }) {
  await Payouts.updateOne({ _id: id, status: 'processing' }, { $set: learned });
}

async function refused(payout: PayoutRow, code: string, now: Date): Promise<void> {
  const { _id, attempts } = payout;
  log.error('payout refused', { payoutId: _id.toHexString(), code });
  if (!OURS.has(code) || attempts.length >= MOST_REFUSALS) return fail(payout, code, now);
  // Of two who were refused at once, one counts it: each key follows from one refusal.
  await Payouts.updateOne(
    { _id, status: 'processing', attempts: { $size: attempts.length } },
    { $push: { attempts: { at: now, refused: code } } },
  );
}

const fail = ({ _id }: PayoutRow, failureCode: string, now: Date): Promise<void> =>
  transaction(async () => {
    const failed = await movePayout(_id, 'failed', { set: { failureCode } }, now);
    if (failed && !OURS.has(failureCode))
      await flagPayoutAccount(failed.payee, failed.account.ref, failureCode, now);
  });

/**
 * Makes a payout what the provider says it is. The answer to our own call, a notice and the
 * reconciler all come through here, in any order and any number.
 */
const applyTruth = (id: Id<'payout'>, truth: ProviderPayout, now: Date): Promise<void> =>
  transaction(async () => {
    const payout = await payoutById(id);
    if (!payout || contradicts(payout, truth)) {
      log.error('payout mismatch', { payoutId: id.toHexString(), status: truth.status });
      return;
    }
    const { payoutRef: providerRef, status, failureCode = 'unknown' } = truth;
    if (status === 'pending') return note(id, { providerRef });
    if (status === 'paid') {
      await movePayout(id, 'paid', { set: { providerRef } }, now);
      return;
    }
    const to = payout.status === 'paid' ? 'returned' : 'failed';
    const { payee, account } = payout;
    if (!(await movePayout(id, to, { set: { providerRef, failureCode } }, now))) return;
    await flagPayoutAccount(payee, account.ref, failureCode, now);
  });

/** Another sum, another currency or another payout than we asked for: nothing to act on by itself. */
const contradicts = (payout: PayoutRow, truth: ProviderPayout): boolean =>
  truth.currency !== payout.currency ||
  truth.amountMinor !== payout.amountMinor ||
  (payout.providerRef !== undefined && payout.providerRef !== truth.payoutRef);

/** Asks the provider what has become of the payout a notice is about, and makes it so here. */
export async function followPayout(payoutRef: string, now: Date): Promise<void> {
  const truth = await retrievePayout(payoutRef);
  const known = await Payouts.findOne({ provider: 'stripe', providerRef: payoutRef }, { _id: 1 })
    .lean<{ readonly _id: Id<'payout'> }>()
    .exec();
  const ours =
    known?._id ??
    (truth.payoutId && /^[0-9a-f]{24}$/.test(truth.payoutId)
      ? toId<'payout'>(truth.payoutId)
      : undefined);
  if (ours && (await Payouts.exists({ _id: ours }))) await applyTruth(ours, truth, now);
  else log.warning('notice of a payout that is not ours', { payoutRef });
}

/** How long a payout is left to the answer of our own call and to the notices. */
const LEFT_ALONE_MS = minutes(5);

/** Payouts that are stuck on their way, the longest untouched first. */
export async function stuckPayouts(now: Date, limit: number): Promise<PayoutRow[]> {
  const untouched = { updatedAt: { $lt: after(now, -LEFT_ALONE_MS) } };
  const of = (status: 'approved' | 'processing'): Promise<PayoutRow[]> =>
    Payouts.find({ status, ...untouched })
      .sort({ updatedAt: 1, _id: 1 })
      .limit(limit)
      .lean<PayoutRow[]>()
      .exec();
  const sent = await of('processing');
  return sent.length > 0 ? sent : of('approved');
}

/** Takes a stuck payout up again. */
export async function reconcilePayout(payout: PayoutRow, now: Date): Promise<void> {
  await Payouts.updateOne({ _id: payout._id }, { $set: { updatedAt: now } }, { timestamps: false });
  await sendPayout(payout._id, now);
}

/** Past this a bank does not send anything back. */
const RECHECKED_FOR_MS = days(14);

/** Paid payouts to be asked about again, for the notice that they came back may be lost. */
export const payoutsToRecheck = (now: Date, limit: number): Promise<PayoutRow[]> =>
  Payouts.find({
    // `$exists` repeats the index's own condition, without which not every engine uses it.
    recheckAt: { $exists: true, $lte: now },
  })
    .sort({ recheckAt: 1, _id: 1 })
    .limit(limit)
    .lean<PayoutRow[]>()
    .exec();

/** Asks whether a paid payout is still paid; once a day, for two weeks. */
export async function recheckPayout(payout: PayoutRow, now: Date): Promise<void> {
  const { _id, providerRef, recheckAt, timeline } = payout;
  if (providerRef) await applyTruth(_id, await retrievePayout(providerRef), now);
  const paidAt = timeline.find(({ status }) => status === 'paid')?.at ?? now;
  const next = after(now, RECHECK_MS);
  const over = next > after(paidAt, RECHECKED_FOR_MS);
  await Payouts.updateOne(
    { _id, recheckAt: recheckAt ?? now },
    over ? { $unset: { recheckAt: 1 } } : { $set: { recheckAt: next } },
  );
}

const HELD_AT_ONCE = 100;

/**
 * Holds everything that has not been sent yet, because the books are being looked at. What is
 * approved while this runs is held when it would be sent.
 */
export async function holdPending(now: Date): Promise<void> {
  const hold = { reason: 'frozen' as const };
  for (const status of ['approved', 'requested'] as const)
    for (let held = HELD_AT_ONCE; held === HELD_AT_ONCE; ) {
      const pending = await Payouts.find({ status }, { _id: 1 })
        .sort({ updatedAt: 1, _id: 1 })
        .limit(HELD_AT_ONCE)
        .lean<{ readonly _id: Id<'payout'> }[]>();
      held = 0;
      for (const { _id } of pending)
        if (
          await transaction(() => movePayout(_id, 'held', { set: { hold }, from: [status] }, now))
        )
          held += 1;
    }
}
