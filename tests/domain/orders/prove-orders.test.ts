import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moveOrder } from '#domain/orders/order-state.ts';
import { proveOrders } from '#domain/orders/prove-orders.ts';
import { requestRefund } from '#domain/orders/refunds.ts';
import { setting } from '#domain/system/settings.ts';
import { escrowOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { days, minutes, seconds } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { intoCart } from '../../support/cart.ts';
import { eventually } from '../../support/eventually.ts';
import { checkOut, delivered, doAs, later, paidOrder, rowOf } from '../../support/orders.ts';
import { differences } from '../../support/payouts.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { raw } from '../wallet/books.ts';

let world: World;
let buyer: Person;
let seller: Person;
beforeAll(async () => {
  world = await startWorld({ auditor: true });
  [buyer, seller] = [await world.person('buyer'), await world.person('seller')];
  await aShop(world, seller);
});
afterAll(() => world.stop());

const soon = () => new Date(world.now().getTime() + minutes(3));
/** As an audit in an hour will find it: all of it has been there for long. */
const muchLater = async () => (await proveOrders(soon(), -seconds(2))).differences;

describe('the audit of orders', () => {
  test('agrees through the whole life of an order, with a refund on its way and after it', async () => {
    const order = await delivered(world, { buyer, seller, lines: [{ unitMinor: 3000 }, {}] });
    expect(await muchLater()).toEqual([]);

    await transaction(async () =>
      requestRefund(
        {
          order: await rowOf(order.id),
          parts: {
            lines: [{ line: toId(order.lines[1] ?? ''), quantity: 1 }],
            ...{ shippingMinor: 100, goodwillMinor: 0, goodwillBy: 'seller' },
          },
          ...{ reason: 'broken', initiatedBy: 'staff', restock: false },
        },
        world.now(),
      ),
    );
    expect(await muchLater()).toEqual([]);
    await world.settle();
    expect(await muchLater()).toEqual([]);

    await later(world, days(15), [buyer, seller]);
    await later(world, days(4), [buyer, seller]);
    await world.runJob('maturePayouts');
    expect((await rowOf(order.id)).settlement?.settledAt).toBeTruthy();
    expect(await muchLater()).toEqual([]);
    expect(await differences(world)).toEqual([]);
  });

  test('agrees when an order is cancelled and everything goes back', async () => {
    const order = await paidOrder({ buyer, seller });
    await doAs(buyer, order, { action: 'cancel', reason: 'Changed my mind' });

    expect((await rowOf(order.id)).status).toBe('cancelled');
    expect(await muchLater()).toEqual([]);
    await world.settle();
    expect(await muchLater()).toEqual([]);
  });

  test('agrees when a bank takes the money of an order back', async () => {
    await intoCart(buyer, await aProduct(seller));
    const { body } = await checkOut(buyer);
    const order = String(body['orders']?.at(0)?.['id']);
    await eventually(
      () => rowOf(order),
      ({ status }) => status === 'on_hold',
    );
    const paid = () => raw('payments').findOne({ 'allocations.order': toId(order) });
    const providerRef = String((await paid())?.['providerRef']);
    await world.payments('POST', `charges/${providerRef}/dispute`, { outcome: 'lost' });
    await eventually(paid, (row) => row?.['dispute'] === 'lost');

    expect(await muchLater()).toEqual([]);
  });

  test('finds shares that are not what the books say, and freezes payouts', async () => {
    const order = await paidOrder({ buyer, seller });
    const by = (sellerMinor: number) =>
      raw('orders').updateOne(
        { _id: toId(order.id) },
        { $inc: { 'shares.sellerMinor': sellerMinor } },
      );

    await by(1);
    const found = await differences(world);
    await by(-1);

    expect(found).toMatchObject([{ kind: 'share', subject: expect.stringContaining(order.id) }]);
    expect(await setting('payouts.frozen')).toBe(true);
    expect(await differences(world)).toEqual([]);
  });

  test('finds money that an order at its end has left in escrow, once it has been there too long', async () => {
    const order = await paidOrder({ buyer, seller, unpaid: true });
    const id = toId<'order'>(order.id);
    await transaction(() => moveOrder(id, 'cancelled', {}, world.now()));
    const event = { type: 'test', id: newId() };
    const late = { from: 'psp', to: escrowOf(id), amountMinor: 700, currency: 'USD' } as const;
    await transaction(() =>
      post({ event, movements: [late], line: { type: 'order' } }, world.now()),
    );

    expect((await proveOrders(soon())).differences).toEqual([]);
    expect(await muchLater()).toEqual([
      { kind: 'escrow', subject: order.id, expected: '0', found: '700' },
    ]);
    await transaction(() =>
      post(
        {
          event: { type: 'test', id: newId() },
          movements: [{ ...late, from: late.to, to: 'psp' }],
          line: { type: 'order' },
        },
        world.now(),
      ),
    );
    expect(await muchLater()).toEqual([]);
  });
});
