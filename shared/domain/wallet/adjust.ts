import { z } from 'zod';
import { approve, propose, SecondPersonRequired } from '#domain/admin/approvals.ts';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText, sameId, toId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { publish } from '#platform/outbox.ts';
import { ValidationFailed } from '#platform/problem.ts';
import {
  type Account,
  COIN,
  cashOf,
  coinsOf,
  DIAMOND,
  diamondsOf,
  earnerAccount,
  shopAccount,
} from './accounts.ts';
import { post } from './ledger.ts';
import { AdjustmentPosted } from './wallet-events.ts';
import { currencyOf } from './wallets.ts';

/** Whose money is put right: what a person can spend, or what a creator or a shop has available. */
const TARGETS = ['wallet', 'creator', 'shop'] as const;

/** A correction as it is kept between the two people who make it. */
const Correction = z.object({
  target: z.enum(TARGETS),
  /** Of the person, or of the shop. */
  id: IdText,
  /** The person behind it, who is told. */
  person: IdText,
  /** Given where above zero, taken where below. */
  amountMinor: z.int().min(-MAX_AMOUNT_MINOR).max(MAX_AMOUNT_MINOR),
  currency: z.string(),
});
type Correction = z.infer<typeof Correction>;

export const AdjustmentTarget = z.enum(TARGETS);

export interface AdjustmentWish {
  readonly target: (typeof TARGETS)[number];
  readonly id: Id;
  readonly person: Id<'user'>;
  /** Minor units, coins or diamonds; taken away where below zero. */
  readonly amountMinor: number;
  /** An ISO code, COIN or DIA. */
  readonly currency: string;
}

export const AdjustmentView = Correction.omit({ amountMinor: true, person: true }).extend({
  status: z.enum(['proposed', 'posted']),
  approvalId: IdText,
  /** Minor units; taken away where below zero. */
  amount: z.int(),
});
export type AdjustmentView = z.infer<typeof AdjustmentView>;

const toView = (
  { target, id, currency, amountMinor: amount }: Correction,
  approvalId: Id<'approval'>,
  status: AdjustmentView['status'],
): AdjustmentView => ({
  ...{ target, id, currency, amount, status },
  approvalId: approvalId.toHexString(),
});

/** The first of two people: nothing moves yet. Throws `ValidationFailed` for a currency that does not fit. */
export const proposeAdjustment = (
  wish: AdjustmentWish,
  reason: string,
  staff: Staff,
  now: Date,
): Promise<AdjustmentView> =>
  transaction(async () => {
    await expectFitting(wish);
    if (sameId(wish.person, staff.actor.id)) throw new SecondPersonRequired();
    const correction: Correction = {
      ...wish,
      id: wish.id.toHexString(),
      person: wish.person.toHexString(),
    };
    const approvalId = await propose('adjustment', correction, { by: staff.actor.id, reason });
    await record(staff, 'propose', { correction, approvalId, reason }, now);
    return toView(correction, approvalId, 'proposed');
  });

async function expectFitting({ target, currency, person }: AdjustmentWish): Promise<void> {
  const pseudo = currency === COIN || currency === DIAMOND;
  if (target === 'wallet' ? pseudo || currency === (await currencyOf(person)) : !pseudo) return;
  throw new ValidationFailed({
    field: 'currency',
    details: ['currency: there is no such balance'],
  });
}

/**
 * The second of two people: it is posted. Throws `NotFound`, `Conflict`, `SecondPersonRequired` for
 * the first one and for whose money it is, and `InsufficientBalance` where there is less to take.
 */
export const approveAdjustment = (
  approvalId: Id<'approval'>,
  staff: Staff,
  now: Date,
): Promise<AdjustmentView> =>
  transaction(async () => {
    const { payload, reason } = await approve('adjustment', approvalId, staff.actor.id, now);
    const correction = Correction.parse(payload);
    const { person, amountMinor, currency } = correction;
    const user = toId<'user'>(person);
    if (sameId(user, staff.actor.id)) throw new SecondPersonRequired();
    await record(staff, 'approve', { correction, approvalId, reason }, now);
    const subject = { type: 'adjustment', id: approvalId };
    const facts = { adjustmentId: approvalId, userId: user, amountMinor, currency };
    await publish(AdjustmentPosted, facts, { now, actor: staff.actor.id });
    await notify({ user, type: 'wallet_adjusted', subject }, now);
    const account = accountOf(correction);
    const [from, to]: [Account, Account] =
      amountMinor > 0 ? ['adjust', account] : [account, 'adjust'];
    const movements = [{ from, to, amountMinor: Math.abs(amountMinor), currency }];
    await post({ event: subject, movements, line: { type: 'adjustment' } }, now);
    return toView(correction, approvalId, 'posted');
  });

function accountOf({ target, id, currency }: Correction): Account {
  if (target === 'shop') return shopAccount(toId(id), 'available');
  const user = toId<'user'>(id);
  if (target === 'creator') return earnerAccount(user, 'available');
  if (currency === COIN) return coinsOf(user);
  return currency === DIAMOND ? diamondsOf(user) : cashOf(user);
}

interface Done {
  readonly correction: Correction;
  readonly approvalId: Id<'approval'>;
  readonly reason: string;
}

const record = (
  staff: Staff,
  what: 'propose' | 'approve',
  { correction: { target, id, amountMinor, currency }, approvalId, reason }: Done,
  now: Date,
): Promise<void> =>
  recordDeed(
    staff,
    {
      permission: 'money.adjust',
      action: `money.adjust.${what}`,
      target: { type: target, id: toId(id) },
      after: { amountMinor, currency, approvalId: approvalId.toHexString() },
      reason,
    },
    now,
  );
