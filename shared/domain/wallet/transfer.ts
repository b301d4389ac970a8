import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { relationOf } from '#domain/users/relations.ts';
import { findByHandle } from '#domain/users/users.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, problem, ValidationFailed } from '#platform/problem.ts';
import { cashOf } from './accounts.ts';
import { post, type TransactionRow } from './ledger.ts';
import { walletOf } from './settle.ts';
import { Transactions } from './transaction.model.ts';
import { TransferCompleted } from './wallet-events.ts';

export class LimitExceeded extends problem({
  code: 'limit_exceeded',
  status: 409,
  error: 'Limit exceeded',
}) {}

export interface TransferWish {
  readonly from: Id<'user'>;
  /** A user id, or `@username`. */
  readonly to: string;
  readonly amountMinor: number;
  readonly note?: string | undefined;
}

/**
 * Gives money from one wallet to another, at once or not at all. Throws `NotFound` for somebody who
 * is not there for the sender, `LimitExceeded`, and `InsufficientBalance`.
 */
export async function transfer(wish: TransferWish, now: Date): Promise<TransactionRow> {
  const { from, amountMinor, note } = wish;
  const to = await recipient(wish);
  const availableAt = after(now, await delayFor(from, to));
  return transaction(async () => {
    const { currency } = await walletOf(from);
    await checkLimits(wish, now);
    const transferId = newId<'transfer'>();
    const facts = { transferId, fromId: from, toId: to, amountMinor, currency };
    await publish(TransferCompleted, facts, { now, actor: from });
    const subject = { type: 'transfer', id: transferId };
    await notify({ user: to, type: 'transfer_received', actor: from, subject }, now);
    const [line] = await post(
      {
        event: subject,
        movements: [{ from: cashOf(from), to: cashOf(to), amountMinor, currency }],
        line: { type: 'transfer', from, to, note },
        availableAt,
      },
      now,
    );
    return line as TransactionRow;
  });
}

async function recipient({ from, to }: TransferWish): Promise<Id<'user'>> {
  const user = await findByHandle(to);
  if (!user) throw new NotFound();
  if (sameId(user._id, from))
    throw new ValidationFailed({ field: 'to', details: ['to: must be somebody else'] });
  if ((await relationOf(from, user._id)).blocked) throw new NotFound();
  return user._id;
}

async function checkLimits({ from, amountMinor }: TransferWish, now: Date): Promise<void> {
  const limitMinor = await setting('wallet.transferMaxMinor');
  if (amountMinor > limitMinor) throw new LimitExceeded({ current: { limitMinor } });
  const dayLimitMinor = await setting('wallet.transferDayMaxMinor');
  const usedMinor = await transferredSince(from, startOfDay(now));
  if (usedMinor + amountMinor > dayLimitMinor)
    throw new LimitExceeded({ current: { limitMinor: dayLimitMinor, usedMinor } });
}

const startOfDay = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));

async function transferredSince(user: Id<'user'>, since: Date): Promise<number> {
  const [sum] = await Transactions.aggregate<{ minor: number }>([
    { $match: { user, createdAt: { $gte: since }, type: 'transfer', direction: 'out' } },
    { $group: { _id: null, minor: { $sum: '$amountMinor' } } },
  ]);
  return sum?.minor ?? 0;
}

/** How long money for somebody who never got any from this sender waits before it can be spent. */
async function delayFor(from: Id<'user'>, to: Id<'user'>): Promise<number> {
  const delay = minutes(await setting('wallet.newRecipientMinutes'));
  if (delay === 0) return 0;
  const known = await Transactions.exists({ user: to, from, type: 'transfer' });
  return known ? 0 : delay;
}
