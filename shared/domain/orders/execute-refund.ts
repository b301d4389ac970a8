import { after, hours, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { ProviderRefused, ProviderUnavailable } from '#platform/payments.ts';
import {
  findRefund,
  type ProviderRefund,
  refundPayment,
  retrieveRefund,
} from '#platform/payments-back.ts';
import { Conflict } from '#platform/problem.ts';
import { bookCalledOff, bookRefund, bookReturnedRefund } from './book-refund.ts';
import { orderById } from './order-state.ts';
import { paymentById } from './payments.ts';
import { Refunds } from './refund.model.ts';
import { RefundRequested } from './refund-events.ts';
import {
  announceRefund,
  moveRefund,
  noteRefund,
  type RefundRow,
  refundById,
  touchRefund,
} from './refund-state.ts';

/** After so many refusals a person looks at it. */
const MOST_ATTEMPTS = 5;
const FIRST_WAIT_MS = minutes(5);
const LONGEST_WAIT_MS = hours(12);
/** How long a refund is left to the answer of our own call and to the provider's notice. */
const LEFT_ALONE_MS = minutes(5);

/**
 * Sends a refund that was asked for, and follows it as far as the provider has got. Never inside a
 * transaction; whoever repeats it goes on where the run before it died.
 */
export async function executeRefund(id: Id<'refund'>, now: Date): Promise<void> {
  const begun = await transaction(() =>
    moveRefund(id, 'processing', {}, now, { status: 'pending' }),
  );
  if (begun) return send(begun, false, now);
  const refund = await refundById(id);
  if (refund?.status === 'processing') await send(refund, true, now);
}

/** Refunds that have not come to an answer, the longest untouched first. */
export const refundsUnderway = (now: Date, limit: number): Promise<RefundRow[]> =>
  Refunds.find({ open: true, updatedAt: { $lt: after(now, -LEFT_ALONE_MS) } })
    .sort({ updatedAt: 1, _id: 1 })
    .limit(limit)
    .lean<RefundRow[]>()
    .exec();

/** Goes on with one of them. */
export async function pursueRefund({ _id }: RefundRow, now: Date): Promise<void> {
  if (await touchRefund(_id, now)) await executeRefund(_id, now);
}

/** Refunds that failed and have waited long enough, the longest waiting first. */
export const refundsToRetry = (now: Date, limit: number): Promise<RefundRow[]> =>
  Refunds.find({ nextAt: { $exists: true, $lte: now } })
    .sort({ nextAt: 1, _id: 1 })
    .limit(limit)
    .lean<RefundRow[]>()
    .exec();

/** Sends one of them once more. */
export async function retryRefund({ _id }: RefundRow, now: Date): Promise<void> {
  const begun = await transaction(() =>
    moveRefund(_id, 'processing', {}, now, { status: 'failed' }),
  );
  if (begun) await send(begun, true, now);
}

async function send(refund: RefundRow, again: boolean, now: Date): Promise<void> {
  const payment = refund.payment ? await paymentById(refund.payment) : null;
  const asks = payment?.provider === 'stripe' && refund.amountMinor > 0;
  if (!asks) return succeed(refund._id, now);
  const { _id, attempts: attempt, amountMinor } = refund;
  const wish = { refundId: _id.toHexString(), attempt, providerRef: payment.providerRef ?? '' };
  try {
    const known = again
      ? refund.providerRef
        ? await retrieveRefund(refund.providerRef)
        : await findRefund(wish)
      : undefined;
    await applyRefundTruth(_id, known ?? (await refundPayment({ ...wish, amountMinor })), now);
  } catch (error) {
    // Whether it was sent we do not know: the job finds out, with the same key.
    if (error instanceof ProviderUnavailable)
      return log.warning('refund left to the job', { error });
    if (!(error instanceof ProviderRefused)) throw error;
    await transaction(() => fail(refund, error.code, now));
  }
}

/** Where nobody has to be asked: paid with a balance, or nothing to send. */
const succeed = (id: Id<'refund'>, now: Date): Promise<void> =>
  transaction(async () => {
    const refund = await moveRefund(id, 'succeeded', {}, now);
    if (refund) await bookRefund(refund, now);
  });

/** Asks the provider what has become of the refund a notice is about, and makes it so here. */
export async function followRefundNotice(refundRef: string, now: Date): Promise<void> {
  const truth = await retrieveRefund(refundRef);
  if (truth.refundId && /^[0-9a-f]{24}$/.test(truth.refundId))
    await applyRefundTruth(toId<'refund'>(truth.refundId), truth, now);
  else log.warning('notice of a refund that is not ours', { refundRef });
}

/**
 * Makes a refund what the provider says it is. The answer to our own call, a notice and the job all
 * come through here, in any order and any number; news of an earlier attempt change nothing.
 */
export const applyRefundTruth = (
  id: Id<'refund'>,
  truth: ProviderRefund,
  now: Date,
): Promise<void> =>
  transaction(async () => {
    const refund = await refundById(id);
    if (!refund || truth.attempt !== refund.attempts) return;
    const { refundRef: providerRef, status, amountMinor, failureCode = status } = truth;
    if (amountMinor !== refund.amountMinor)
      return log.error('refund mismatch', { refundId: id.toHexString(), amountMinor });
    if (status === 'pending') return noteRefund(id, providerRef);
    if (status === 'succeeded') {
      const moved = await moveRefund(id, 'succeeded', { providerRef }, now);
      return moved ? bookRefund(moved, now) : undefined;
    }
    if (refund.status !== 'succeeded') return fail(refund, failureCode, now);
    const returned = await moveRefund(id, 'returned', { failureCode }, now);
    if (returned) await bookReturnedRefund(returned, now);
  });

/** The provider said no: again after a while, each time a longer one, and at last it is for a person. */
async function fail(
  { _id, attempts: before }: RefundRow,
  failureCode: string,
  now: Date,
): Promise<void> {
  const attempts = before + 1;
  const wait = Math.min(FIRST_WAIT_MS * 4 ** before, LONGEST_WAIT_MS);
  const given = attempts >= MOST_ATTEMPTS;
  const learned = { failureCode, attempts, ...(!given && { nextAt: after(now, wait) }) };
  const failed = await moveRefund(_id, 'failed', learned, now, { attempts: before });
  if (failed && given) await moveRefund(_id, 'manual', {}, now);
}

/** What a person can do about a refund that the provider does not send. */
export const RESOLUTIONS = ['retry', 'to_wallet', 'cancel'] as const;
type Resolution = (typeof RESOLUTIONS)[number];

/**
 * Resolves a refund that waits for a person, or calls off one that was not sent yet. In the
 * caller's transaction. Throws `Conflict` with the state it is in.
 */
export async function resolveRefund(
  id: Id<'refund'>,
  resolution: Resolution,
  now: Date,
): Promise<RefundRow> {
  const refund = await refundById(id);
  const moved = refund && (await RESOLVE[resolution](refund, now));
  if (!moved) throw new Conflict({ current: refund?.status ?? null });
  return moved;
}

const RESOLVE: Readonly<
  Record<Resolution, (refund: RefundRow, now: Date) => Promise<RefundRow | null>>
> = {
  retry: async ({ _id }, now) => {
    const moved = await moveRefund(_id, 'processing', {}, now, { status: 'manual' });
    if (moved) await announceRefund(moved, now, RefundRequested);
    return moved;
  },
  to_wallet: async ({ _id }, now) => {
    const moved = await moveRefund(_id, 'succeeded', { toWallet: true }, now, { status: 'manual' });
    if (moved) await bookRefund(moved, now);
    return moved;
  },
  cancel: async (refund, now) => {
    // What lies in escrow belongs to nobody but the payer.
    if (refund.from === 'escrow') return null;
    const writtenOff = await isPaidOtherwise(refund);
    const learned = writtenOff ? { writtenOff } : {};
    const moved = await moveRefund(refund._id, 'cancelled', learned, now);
    if (moved) await bookCalledOff(moved, now);
    return moved;
  },
};

/** No seller has earned what was cancelled, or what the buyer's bank has taken back as a whole. */
async function isPaidOtherwise({ order: id, payment: paidBy }: RefundRow): Promise<boolean> {
  const order = await orderById(id);
  const payment = paidBy ? await paymentById(paidBy) : null;
  const byTheBank = payment?.dispute === 'lost' && payment.disputedMinor >= payment.capturedMinor;
  return byTheBank || order?.status === 'cancelled';
}
