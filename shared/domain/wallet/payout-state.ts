import { type NotificationType, notify } from '#domain/notifications/notifications.ts';
import { after, days } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { guardedMove, type Moves } from '#platform/guarded-move.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict } from '#platform/problem.ts';
import { type Account, earnerAccount, type Share, shopAccount } from './accounts.ts';
import { type Movement, post } from './ledger.ts';
import { type Payout, type PayoutStatus, Payouts } from './payout.model.ts';
import type { Payee } from './payout-account.model.ts';
import { PAYOUT_EVENT_OF } from './payout-events.ts';

export type PayoutRow = Payout & Stored & { readonly _id: Id<'payout'> };

/** A payout as it is now. */
export const payoutById = (id: Id<'payout'>): Promise<PayoutRow | null> =>
  Payouts.findOne({ _id: id }).lean<PayoutRow>().exec();

/** Where a payout may go from each state. Anything else is refused. */
export const NEXT_PAYOUT: Moves<PayoutStatus> = {
  requested: ['held', 'approved', 'cancelled'],
  held: ['requested', 'approved', 'cancelled'],
  // It has not been sent yet: what is frozen now is held now.
  approved: ['held', 'processing'],
  processing: ['paid', 'failed'],
  paid: ['returned'],
  failed: [],
  returned: [],
  cancelled: [],
};

const isOpen = (status: PayoutStatus): boolean =>
  status === 'requested' || status === 'held' || status === 'approved' || status === 'processing';

/** How long a paid payout is left before the bank is asked whether it is still there. */
export const RECHECK_MS = days(1);

export interface PayoutStep {
  readonly set?: Partial<Pick<Payout, 'providerRef' | 'failureCode' | 'hold' | 'approvedBy'>>;
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
  /** Refuses states that would be allowed in general. */
  readonly from?: readonly PayoutStatus[];
}

/**
 * Brings a payout into a state, with its money, its event and its notification; null when it
 * cannot go there from where it is, which is what all but the first of several simultaneous callers
 * are told. Call it last in a transaction: it posts.
 */
export async function movePayout(
  id: Id<'payout'>,
  to: PayoutStatus,
  { set, by, note, from }: PayoutStep,
  now: Date,
): Promise<PayoutRow | null> {
  const paid = to === 'paid';
  const step = {
    ...{ to, from, by, note },
    set: { ...set, ...(paid && { recheckAt: after(now, RECHECK_MS) }) },
    unset: [
      ...(isOpen(to) ? [] : ['open']),
      ...(to === 'held' ? [] : ['hold']),
      ...(paid ? [] : ['recheckAt']),
    ],
  };
  const payout = await guardedMove(Payouts, NEXT_PAYOUT, id, step, now);
  if (!payout) return null;
  await tell(payout, now, by);
  await book(payout, now);
  return payout;
}

/** As `movePayout`, for callers who rely on it. Throws `Conflict` with the state it is in. */
export async function mustMovePayout(
  id: Id<'payout'>,
  to: PayoutStatus,
  step: PayoutStep,
  now: Date,
): Promise<PayoutRow> {
  const moved = await movePayout(id, to, step, now);
  if (moved) return moved;
  const current = await Payouts.findOne({ _id: id }, { status: 1 }).lean();
  throw new Conflict({ current: current?.status ?? null });
}

const NOTICE: Readonly<Partial<Record<PayoutStatus, NotificationType>>> = {
  held: 'payout_held',
  paid: 'payout_paid',
  failed: 'payout_failed',
  returned: 'payout_failed',
  cancelled: 'payout_failed',
};

export const factsOf = ({ _id, payee, user, amountMinor, currency }: PayoutRow) => ({
  ...{ payoutId: _id, payeeType: payee.type, payeeId: payee.id, userId: user },
  ...{ amountMinor, currency },
});

async function tell(payout: PayoutRow, now: Date, by?: Id<'user'>): Promise<void> {
  const happened = PAYOUT_EVENT_OF[payout.status];
  if (happened) await publish(happened, factsOf(payout), { now, ...(by && { actor: by }) });
  const type = NOTICE[payout.status];
  const subject = { type: 'payout', id: payout._id };
  if (type && !sameId(payout.user, by)) await notify({ user: payout.user, type, subject }, now);
}

/** The account of a payee's money in this stage. */
export const payeeAccount = ({ type, id }: Payee, share: Share): Account =>
  type === 'shop' ? shopAccount(id as Id<'shop'>, share) : earnerAccount(id as Id<'user'>, share);

/** What the end of a payout means for the books. Each happens once: the journals are named after it. */
async function book({ _id: id, status, payee, amountMinor, currency }: PayoutRow, now: Date) {
  const move = (from: Account, to: Account): Movement => ({ from, to, amountMinor, currency });
  const underway = payeeAccount(payee, 'in_payout');
  const back = move(underway, payeeAccount(payee, 'available'));
  const posted = (type: string, movements: readonly Movement[]) =>
    post({ event: { type, id }, movements, line: { type: 'withdrawal' } }, now);
  if (status === 'paid') await posted('payout_paid', [move(underway, 'psp')]);
  if (status === 'returned') await posted('payout_returned', [move('psp', underway), back]);
  if (status === 'failed' || status === 'cancelled') await posted('payout_undone', [back]);
}
