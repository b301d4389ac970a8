import { setting, settingNow } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, newId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { publish } from '#platform/outbox.ts';
import { InsufficientBalance, NotFound, problem } from '#platform/problem.ts';
import { balanceOfAccount } from './account-balances.ts';
import { DIAMOND, diamondsOf } from './accounts.ts';
import { type Movement, post } from './ledger.ts';
import { type Payout, Payouts } from './payout.model.ts';
import type { Payee } from './payout-account.model.ts';
import { claimPayoutAccount } from './payout-accounts.ts';
import { PayoutRequested } from './payout-events.ts';
import {
  factsOf,
  movePayout,
  mustMovePayout,
  type PayoutRow,
  payeeAccount,
} from './payout-state.ts';
import { balanceOf, currencyOf } from './wallets.ts';

export class PayoutOpen extends problem({
  code: 'payout_open',
  status: 409,
  error: 'Another payout is on its way',
}) {}
export class BelowMinimum extends problem({
  code: 'below_minimum',
  status: 409,
  error: 'Too little to be paid out',
}) {}
export class IdentityNotVerified extends problem({
  code: 'identity_not_verified',
  status: 409,
  error: 'Verify your identity first',
}) {}

export class EarningsHeld extends problem({
  code: 'earnings_held',
  status: 409,
  error: 'Some of it is held until somebody has looked at it',
}) {}

interface Wish {
  readonly payee: Payee;
  /** The person behind the payee. */
  readonly user: Id<'user'>;
  /** Whether we know who that person is. */
  readonly verified: boolean;
  /** The same for every repeat of one request. */
  readonly operation: string;
}

export interface PayoutWish extends Wish {
  readonly source: 'sales' | 'affiliate';
  readonly currency: string;
  /** Minor units; all that is available when absent. */
  readonly amountMinor?: number | undefined;
}

/**
 * Begins to pay out what a payee has available: the sum is looked up and put aside in one snapshot.
 * What a payee owes is part of the sum. Throws `PayoutOpen`, `BelowMinimum`, `InsufficientBalance`,
 * `IdentityNotVerified` and the problems of `claimPayoutAccount`.
 */
export const requestPayout = (wish: PayoutWish, now: Date): Promise<PayoutRow> =>
  begun(
    wish,
    async () => {
      const { payee, currency, source } = wish;
      const account = await claimPayoutAccount(payee, wish.user, now);
      const available = await balanceOfAccount(payeeAccount(payee, 'available'), currency);
      const amountMinor = wish.amountMinor ?? Math.min(available, MAX_AMOUNT_MINOR);
      const minimumMinor = await setting('payouts.minimumMinor');
      if (amountMinor < minimumMinor)
        throw new BelowMinimum({ current: { minimumMinor, available } });
      if (amountMinor > available) throw new InsufficientBalance({ current: { available } });
      const [from, to] = [payeeAccount(payee, 'available'), payeeAccount(payee, 'in_payout')];
      return {
        account,
        currency,
        items: [{ source, minor: amountMinor }],
        movements: [{ from, to, amountMinor, currency }],
      };
    },
    now,
  );

export interface DiamondWish extends Wish {
  readonly diamonds: number;
  /** Of what the person has, those that are not paid out for now. */
  readonly held: number;
}

/** What diamonds are paid out at, in minor units, rounded down. */
export const worthOf = (diamonds: number, hundredMinor: number): number =>
  Number((BigInt(diamonds) * BigInt(hundredMinor)) / 100n);

/**
 * Begins to pay out diamonds at the published rate. They are gone from this moment: if the payout
 * comes to nothing, its money is the creator's available balance. Throws as `requestPayout`, and
 * `EarningsHeld`.
 */
export const withdrawDiamonds = (wish: DiamondWish, now: Date): Promise<PayoutRow> =>
  begun(
    wish,
    async () => {
      const { payee, user, diamonds, held } = wish;
      const account = await claimPayoutAccount(payee, user, now);
      const minimumDiamonds = await setting('wallet.withdrawMinimumDiamonds');
      if (diamonds < minimumDiamonds) throw new BelowMinimum({ current: { minimumDiamonds } });
      if (held > 0) await expectOthers(user, { diamonds, held }, now);
      const currency = await currencyOf(user);
      const amountMinor = worthOf(diamonds, await setting('wallet.hundredDiamondsMinor'));
      return {
        account,
        currency,
        items: [{ source: 'diamonds', minor: amountMinor, diamonds }],
        movements: [
          { from: diamondsOf(user), to: 'dia_burn', amountMinor: diamonds, currency: DIAMOND },
          { from: 'fee', to: payeeAccount(payee, 'in_payout'), amountMinor, currency },
        ],
      };
    },
    now,
  );

/** Refuses to take those that are held. */
async function expectOthers(
  user: Id<'user'>,
  { diamonds, held }: Pick<DiamondWish, 'diamonds' | 'held'>,
  now: Date,
): Promise<void> {
  const available = Math.max(0, (await balanceOf(user, now)).diamonds - held);
  if (diamonds > available) throw new EarningsHeld({ current: { available, held } });
}

type Plan = Pick<Payout, 'account' | 'currency' | 'items'> & {
  readonly movements: readonly Movement[];
};

/** Runs a request once: repeated, it answers with the payout that it began. */
async function begun(wish: Wish, plan: () => Promise<Plan>, now: Date): Promise<PayoutRow> {
  if (!wish.verified) throw new IdentityNotVerified();
  const frozen = await settingNow('payouts.frozen');
  const approvalOver = await setting('payouts.approvalOverMinor');
  try {
    return await transaction(async () => {
      const earlier = await payoutOfOperation(wish.operation);
      if (earlier) return earlier;
      const open = await openPayoutOf(wish.payee);
      if (open) throw new PayoutOpen({ current: { payoutId: open._id.toHexString() } });
      const { movements, ...planned } = await plan();
      const payout = await write(wish, planned, now);
      const decided = frozen
        ? await movePayout(payout._id, 'held', { set: { hold: { reason: 'frozen' } } }, now)
        : payout.amountMinor <= approvalOver
          ? await movePayout(payout._id, 'approved', {}, now)
          : payout;
      const event = { type: 'payout', id: payout._id };
      await post({ event, movements, line: { type: 'withdrawal', from: wish.user } }, now);
      return decided ?? payout;
    });
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    const open = await openPayoutOf(wish.payee);
    throw new PayoutOpen({ ...(open && { current: { payoutId: open._id.toHexString() } }) });
  }
}

const payoutOfOperation = (operation: string): Promise<PayoutRow | null> =>
  Payouts.findOne({ operation }).lean<PayoutRow>().exec();

const openPayoutOf = ({ type, id }: Payee): Promise<PayoutRow | null> =>
  Payouts.findOne({ 'payee.id': id, 'payee.type': type, open: true }).lean<PayoutRow>().exec();

async function write(
  { payee, user, operation }: Wish,
  planned: Omit<Plan, 'movements'>,
  now: Date,
): Promise<PayoutRow> {
  const row = {
    ...planned,
    _id: newId<'payout'>(),
    ...{ payee, user, operation, open: true as const },
    amountMinor: planned.items.reduce((sum, { minor }) => sum + minor, 0),
    timeline: [{ status: 'requested' as const, at: now }],
  };
  const [payout] = await Payouts.create([row]);
  const written = payout?.toObject() as PayoutRow;
  await publish(PayoutRequested, factsOf(written), { now, actor: user });
  return written;
}

/**
 * The payee does not want it any more: what it was to pay is available again. In the caller's
 * transaction. Throws `NotFound` for another's, and `Conflict` once it is approved.
 */
export async function cancelPayout(
  user: Id<'user'>,
  id: Id<'payout'>,
  now: Date,
): Promise<PayoutRow> {
  if (!(await Payouts.exists({ _id: id, user }))) throw new NotFound();
  return mustMovePayout(id, 'cancelled', { by: user }, now);
}
