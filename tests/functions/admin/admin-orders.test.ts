import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderRow } from '#domain/orders/order-state.ts';
import { requestRefund } from '#domain/orders/refunds.ts';
import { days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aReturn, pass } from '../../support/returns.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let alice: Person;
let bob: Person;
let shop: TestShop;
let other: TestShop;
beforeAll(async () => {
  world = await startWorld();
  [alice, bob] = [await world.person('alice'), await world.person('bob')];
  shop = await aShop(world, await world.person('seller'));
  other = await aShop(world, await world.person('other'));
  staff = await staffMember(world, ['orders.read']);
});
afterAll(() => world.stop());

const buys = async (buyer: Person, from = shop, method = 'wallet') =>
  (await aPaidOrder(world, buyer, from, { method })).order;
const find = async (query: string): Promise<readonly string[]> => {
  const { status, body } = await staff.get(`/api/admin/orders?${query}`);
  expect(status).toBe(200);
  return [...(body['orders'] ?? [])].map((order) => String(order['id']));
};
const ids = (...orders: readonly OrderRow[]) => orders.map(({ _id }) => _id.toHexString());

describe('adminOrders', () => {
  test('finds orders by number, buyer, shop, state and day, newest first', async () => {
    const first = await buys(alice);
    const second = await buys(bob, other);
    await raw('orders').updateOne({ _id: second._id }, { $set: { status: 'shipped' } });
    const day = world.now().toISOString();
    await pass(world, days(2), alice, staff);
    const third = await buys(alice, other);

    expect(await find('')).toEqual(ids(third, second, first));
    expect(await find(`orderNo=${second.orderNo}`)).toEqual(ids(second));
    expect(await find('orderNo=none')).toEqual([]);
    expect(await find(`buyerId=${alice.id}`)).toEqual(ids(third, first));
    expect(await find(`shopId=${other.id}`)).toEqual(ids(third, second));
    expect(await find(`shopId=${other.id}&status=shipped`)).toEqual(ids(second));
    expect(await find('status=shipped')).toEqual(ids(second));
    expect(await find(`to=${day}`)).toEqual(ids(second, first));
    expect(await find(`from=${day}`)).toEqual(ids(third));
    const page = await staff.get('/api/admin/orders?limit=2');
    const cursor = encodeURIComponent(String(page.body['nextCursor']));
    expect(await find(`limit=2&cursor=${cursor}`)).toEqual(ids(first));
  });

  test('shows the payments and refunds of an order', async () => {
    const order = await buys(alice);
    await transaction(() =>
      requestRefund(
        {
          order,
          parts: { lines: [], shippingMinor: 0, goodwillMinor: 5, goodwillBy: 'seller' },
          ...{ reason: 'Sorry', initiatedBy: 'staff', restock: false },
        },
        world.now(),
      ),
    );
    await world.settle();

    const { body } = await staff.get(`/api/admin/orders?orderNo=${order.orderNo}`);

    expect(body['orders']?.[0]).toMatchObject({
      sellerId: shop.owner.id,
      payments: [
        { provider: 'wallet', capturedMinor: 2000, allocatedMinor: 2000, refundedMinor: 5 },
      ],
      refunds: [{ amountMinor: 5, status: 'succeeded', attempts: 0 }],
    });
  });

  test('shows what somebody has to look at, the longest waiting first', async () => {
    const quarrel = await buys(alice);
    await act(alice, await aReturn(alice, quarrel), 'escalate', { note: 'Please' });
    const { order: contested, payment } = await aPaidOrder(world, bob, shop);
    await world.payments('POST', `charges/${payment.providerRef}/dispute`, {});
    const open = { dispute: 'open' };
    await eventually(
      () => raw('payments').countDocuments(open),
      (count) => count === 1,
    );
    await world.settle();
    const stuck = await buys(alice);
    const refunds = raw('refunds');
    await refunds.updateMany({}, { $set: { order: stuck._id, status: 'manual' } });

    expect(await find('attention=escalated_return')).toEqual(ids(quarrel));
    expect(await find('attention=dispute')).toEqual(ids(contested));
    expect(await find('attention=manual_refund')).toEqual(ids(stuck));
  });
});
