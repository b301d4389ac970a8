import { approve, propose, SecondPersonRequired } from '#domain/admin/approvals.ts';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { setting, settingNow } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { Payouts } from './payout.model.ts';
import { flagPayoutAccount } from './payout-accounts.ts';
import { mustMovePayout, type PayoutRow } from './payout-state.ts';

export class PayoutsFrozen extends problem({
  code: 'payouts_frozen',
  status: 409,
  error: 'Payouts are frozen until the books are in order',
}) {}

export const PAYOUT_ACTIONS = ['approve', 'hold', 'release', 'cancel', 'refuse'] as const;

export interface PayoutDecision {
  readonly action: (typeof PAYOUT_ACTIONS)[number];
  readonly reason: string;
}

/**
 * What staff decides about a payout that has not been sent: approve it, where the sum asks for two
 * people the second of them; hold it; release it from a hold, after which the limits decide again;
 * cancel it; or refuse it, after which its account must be entered anew. Throws `NotFound`,
 * `Conflict` with its state, `PayoutsFrozen` and `SecondPersonRequired`.
 */
export const decidePayout = (
  id: Id<'payout'>,
  decision: PayoutDecision,
  staff: Staff,
  now: Date,
): Promise<PayoutRow> =>
  transaction(async () => {
    const payout = await Payouts.findOne({ _id: id }).lean<PayoutRow>();
    if (!payout) throw new NotFound();
    const { action, reason } = decision;
    const decided = await DECIDE[action](payout, reason, staff.actor.id, now);
    await recordDeed(
      staff,
      {
        permission: 'money.adjust',
        action: `payouts.${action}`,
        target: { type: 'payout', id },
        before: { status: payout.status },
        after: { status: decided.status },
        reason,
      },
      now,
    );
    return decided;
  });

type Decide = (payout: PayoutRow, reason: string, by: Id<'user'>, now: Date) => Promise<PayoutRow>;

const DECIDE: Readonly<Record<PayoutDecision['action'], Decide>> = {
  approve: async (payout, reason, by, now) => {
    if (sameId(payout.user, by)) throw new SecondPersonRequired();
    if (await settingNow('payouts.frozen')) throw new PayoutsFrozen();
    if (payout.status !== 'requested' && payout.status !== 'held')
      throw new Conflict({ current: payout.status });
    const two = payout.amountMinor > (await setting('payouts.twoPersonOverMinor'));
    if (two && !payout.approval) return proposed(payout, reason, by);
    if (two && payout.approval) await approve('payout', payout.approval, by, now);
    const set = { approvedBy: [...payout.approvedBy, by] };
    return mustMovePayout(payout._id, 'approved', { set, by, note: reason }, now);
  },
  hold: ({ _id }, reason, by, now) => {
    const set = { hold: { reason: 'staff' as const, note: reason } };
    return mustMovePayout(_id, 'held', { set, by, note: reason }, now);
  },
  release: async ({ _id }, reason, by, now) => {
    if (await settingNow('payouts.frozen')) throw new PayoutsFrozen();
    const released = await mustMovePayout(_id, 'requested', { by, note: reason }, now);
    const alone = released.amountMinor <= (await setting('payouts.approvalOverMinor'));
    return alone ? mustMovePayout(_id, 'approved', { by }, now) : released;
  },
  cancel: ({ _id }, reason, by, now) => mustMovePayout(_id, 'cancelled', { by, note: reason }, now),
  refuse: async (payout, reason, by, now) => {
    await flagPayoutAccount(payout.payee, payout.account.ref, 'refused', now);
    return mustMovePayout(payout._id, 'cancelled', { by, note: reason }, now);
  },
};

/** The first of two people: the payout stays where it is, and asks for the second. */
async function proposed(payout: PayoutRow, reason: string, by: Id<'user'>): Promise<PayoutRow> {
  const { _id, version, approvedBy } = payout;
  const approval = await propose('payout', { payout: _id.toHexString() }, { by, reason });
  const changed = await Payouts.findOneAndUpdate(
    { _id, version },
    { $set: { approval, approvedBy: [...approvedBy, by] }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  ).lean<PayoutRow>();
  if (!changed) throw new Conflict({ current: payout.status });
  return changed;
}
