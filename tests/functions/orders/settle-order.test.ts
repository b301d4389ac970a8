import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isContested } from '#domain/orders/deliver-order.ts';
import { requestRefund } from '#domain/orders/refunds.ts';
import { ordersToSettle, settleOrder } from '#domain/orders/settlement.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { balancesOfAccounts } from '#domain/wallet/account-balances.ts';
import { shopAccount } from '#domain/wallet/accounts.ts';
import { days, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { type AnOrder, delivered, doAs, later, rowOf } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
});
beforeEach(() => later(world, 0, [alice]));
afterAll(() => world.stop());

/** An order of a shop that has sold nothing else. */
async function completed(lines = [{ quantity: 2, unitMinor: 1000 }]) {
  const seller = await world.person('seller');
  const { id } = await aShop(world, seller);
  const order = await delivered(world, { buyer: alice, seller, lines });
  await doAs(alice, order, { action: 'confirm_receipt' });
  await world.settle();
  const [pending, available] = [
    shopAccount(toId(id), 'pending'),
    shopAccount(toId(id), 'available'),
  ];
  const earned = async () => {
    const balances = await balancesOfAccounts([pending, available], 'USD');
    return [balances.get(pending) ?? 0, balances.get(available) ?? 0];
  };
  return { order, earned };
}

const settleAll = async () => {
  for (const { _id } of await ordersToSettle(world.now(), 100)) await settleOrder(_id, world.now());
};
const dueAt = async (order: AnOrder) => (await rowOf(order.id)).settlement?.dueAt;
/** Of two things for 1000 each, a twentieth is the platform's; shipping is the seller's. */
const SHARE = 2000 - 100 + 499;

describe('settleOrder', () => {
  test('leaves the money where it is for some days, and then makes it the shop’s own, once', async () => {
    const { order, earned } = await completed();
    const { completedAt } = await rowOf(order.id);
    const planned = await dueAt(order);

    await settleAll();
    const before = await earned();
    await later(world, days(3) + minutes(1));
    await Promise.all([settleAll(), settleAll(), settleAll()]);
    await settleAll();

    expect(planned?.getTime()).toBe((completedAt?.getTime() ?? 0) + days(3));
    expect(before).toEqual([SHARE, 0]);
    expect(await earned()).toEqual([0, SHARE]);
    const { settlement } = await rowOf(order.id);
    expect(settlement?.settledAt).toBeTruthy();
    expect(settlement?.dueAt).toBeUndefined();
  });

  test('settles at once where nothing is held', async () => {
    await changeSetting('orders.settleHoldDays', 0);
    const { earned } = await completed();
    await changeSetting('orders.settleHoldDays', 3);

    expect(await earned()).toEqual([0, SHARE]);
  });

  test('settles what refunds have left of it', async () => {
    const { order, earned } = await completed();
    const [line] = order.lines;
    await transaction(async () => {
      const lines = [{ line: toId<'line'>(line ?? ''), quantity: 1 }];
      const parts = { lines, shippingMinor: 0, goodwillMinor: 0, goodwillBy: 'platform' } as const;
      const row = await rowOf(order.id);
      const why = { reason: 'one was broken', initiatedBy: 'staff', restock: false } as const;
      await requestRefund({ order: row, parts, ...why }, world.now());
    });
    await world.settle();

    await later(world, days(3) + minutes(1));
    await settleAll();

    const [, available] = await earned();
    expect(available).toBe(SHARE - 950);
  });

  test('waits for the end of a return and of a dispute', async () => {
    const { order, earned } = await completed();
    const _id = toId(order.id);
    await raw('orders').updateOne({ _id }, { $set: { returnStatus: 'open' } });

    await later(world, days(3) + minutes(1));
    await settleAll();
    await settleOrder(toId<'order'>(order.id), world.now());
    const waiting = await earned();
    await raw('orders').updateOne({ _id }, { $set: { returnStatus: 'closed', disputed: true } });
    await settleAll();
    const contested = isContested(await rowOf(order.id));
    await raw('orders').updateOne({ _id }, { $set: { disputed: false } });
    await settleAll();

    expect([waiting, contested]).toEqual([[SHARE, 0], true]);
    expect(await earned()).toEqual([0, SHARE]);
  });
});
