import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  act,
  carrierSays,
  confirmed,
  doAs,
  paidOrder,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = [await world.person('alice'), await world.person('seller')];
  shop = await aShop(world, seller);
});
afterAll(() => world.stop());

const told = async (person: Person, { id }: AnOrder): Promise<string[]> => {
  const all = await raw('notifications')
    .find({ user: toId(person.id), 'subject.id': toId(id) })
    .toArray();
  return all.map(({ type }) => String(type)).sort();
};
const shownOn = async (channel: string, { id }: AnOrder) =>
  (await world.realtime(channel))
    .filter(({ data }) => data['orderId'] === id && data['status'] !== undefined)
    .map(({ name, data }) => [name, data['status']]);

describe('orderEffects', () => {
  test('tells buyer and seller how an order goes on', async () => {
    const order = await confirmed(world, { buyer: alice, seller });
    const trackingNo = await shipped(seller, order);
    await carrierSays(world, { trackingNo, status: 'delivered' });
    await world.settle();
    await doAs(alice, order, { action: 'confirm_receipt' });
    await world.settle();

    expect(await told(alice, order)).toEqual(['order_updated', 'order_updated', 'review_invited']);
    expect(await told(seller, order)).toEqual(['order_placed', 'order_received', 'order_updated']);
  });

  test('counts an order for the shop when it was paid', async () => {
    const counted = async () => {
      await world.settle();
      return (await raw('shops').findOne({ _id: toId(shop.id) }))?.['metrics']['orders'];
    };
    const before = await counted();

    await paidOrder({ buyer: alice, seller });

    expect(await counted()).toBe(before + 1);
  });

  test('tells the seller nothing of what was never paid', async () => {
    const order = await paidOrder({ buyer: alice, seller, unpaid: true });
    await doAs(alice, order, { action: 'cancel' });
    await world.settle();

    expect(await told(seller, order)).toEqual([]);
    expect(await told(alice, order)).toEqual(['order_updated']);
    expect(await shownOn(`shop:${shop.id}`, order)).toEqual([]);
    expect(await shownOn(`user:${alice.id}`, order)).toEqual([['order:update', 'cancelled']]);
  });
});

describe('orderRealtime', () => {
  test('shows buyer and shop what is new', async () => {
    const order = await confirmed(world, { buyer: alice, seller });
    await world.settle();
    await act(seller, order, { action: 'cancel', reason: 'gone' });
    await world.settle();

    expect(await shownOn(`user:${alice.id}`, order)).toEqual(
      expect.arrayContaining([
        ['order:update', 'awaiting_shipment'],
        ['order:update', 'cancelled'],
      ]),
    );
    const toShop = await shownOn(`shop:${shop.id}`, order);
    expect(toShop.filter(([name]) => name === 'order:new')).toHaveLength(1);
    expect(toShop.at(-1)).toEqual(['order:update', 'cancelled']);
  });

  test('shows what changes without a new state', async () => {
    const order = await confirmed(world, { buyer: alice, seller });
    const trackingNo = await shipped(seller, order);
    await world.settle();
    const before = await shownOn(`user:${alice.id}`, order);

    await carrierSays(world, { trackingNo, status: 'out_for_delivery' });
    await world.settle();

    expect(await shownOn(`user:${alice.id}`, order)).toEqual([
      ...before,
      ['order:update', 'shipped'],
    ]);
  });
});
