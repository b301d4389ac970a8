import { payableCommissions } from '#domain/sellers/commissions.ts';
import { setting } from '#domain/system/settings.ts';
import { earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { after, days } from '#platform/clock.ts';
import { inTransaction, transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { isContested } from './deliver-order.ts';
import { Orders } from './order.model.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { movementsOf } from './shares.ts';

/** Says when a completed order is settled; at once where nothing is held. In a transaction, and repeatable. */
export async function planSettlement(id: Id<'order'>, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('planSettlement() must be called inside transaction()');
  const order = await orderById(id);
  if (order?.status !== 'completed' || !order.completedAt || order.settlement) return;
  const dueAt = after(order.completedAt, days(await setting('orders.settleHoldDays')));
  await Orders.updateOne(
    { _id: id, settlement: { $exists: false } },
    { $set: { settlement: { dueAt } }, $inc: { version: 1 } },
  );
  if (dueAt <= now) await settleOrder(id, now);
}

/** Completed orders whose money has waited long enough, the longest waiting first. */
export const ordersToSettle = (now: Date, limit: number): Promise<OrderRow[]> =>
  Orders.find({
    // `$exists` repeats the index's own condition, without which not every engine uses it.
    'settlement.dueAt': { $exists: true, $lte: now },
    returnStatus: { $ne: 'open' },
    disputed: { $ne: true },
  })
    .sort({ 'settlement.dueAt': 1, _id: 1 })
    .limit(limit)
    .lean<OrderRow[]>()
    .exec();

/**
 * Makes what is left of an order's money the shop's and the creators' own, once: refunds have been
 * taken off its shares before. An order that is contested or settled is left as it is.
 */
export const settleOrder = (id: Id<'order'>, now: Date): Promise<void> =>
  transaction(async () => {
    const order = await orderById(id);
    const dueAt = order?.settlement?.dueAt;
    if (!order || !dueAt || dueAt > now || isContested(order)) return;
    const { version } = order;
    const { matchedCount } = await Orders.updateOne(
      { _id: id, version },
      { $set: { settlement: { settledAt: now } }, $inc: { version: 1 } },
    );
    if (matchedCount === 0) throw new Error('A settled order changed in its own transaction');
    await payableCommissions(id);
    await release(order, now);
  });

async function release(order: OrderRow, now: Date): Promise<void> {
  const { _id, shop, currency, shares } = order;
  const earned = [
    {
      of: (share: 'pending' | 'available') => shopAccount(shop, share),
      minor: shares?.sellerMinor ?? 0,
    },
    ...(shares?.affiliates ?? []).map(({ creator, minor }) => ({
      of: (share: 'pending' | 'available') => earnerAccount(creator, share),
      minor,
    })),
  ];
  const movements = movementsOf(
    earned.flatMap(({ of, minor }) => [
      [of('pending'), -minor] as const,
      [of('available'), minor] as const,
    ]),
    currency,
  );
  if (movements.length === 0) return;
  await post({ event: { type: 'settlement', id: _id }, movements, line: { type: 'order' } }, now);
}
