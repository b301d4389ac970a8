import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  confirmed,
  delivered,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aReturn } from '../../support/returns.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let held: AnOrder;
let waiting: AnOrder;
let sent: AnOrder;
let arrived: AnOrder;
let back: string;
beforeAll(async () => {
  world = await startWorld();
  const alice = await world.person('alice');
  seller = await world.person('seller');
  await aShop(world, seller);
  const facts = { buyer: alice, seller };
  arrived = await delivered(world, facts);
  back = await aReturn(alice, await rowOf(arrived.id));
  sent = await confirmed(world, facts);
  await shipped(seller, sent);
  waiting = await confirmed(world, facts);
  held = await paidOrder(facts);
  await paidOrder({ ...facts, unpaid: true });
});
afterAll(() => world.stop());

const listed = async (query = '') => {
  const { body } = await seller.get(`/api/seller/orders?${query}`);
  return (body['orders'] as unknown as readonly { id: string }[]).map(({ id }) => id);
};

describe('sellerOrders', () => {
  test('lists what was ordered and paid, newest first', async () => {
    expect(await listed()).toEqual([held.id, waiting.id, sent.id, arrived.id]);
  });

  test('lists what is in one state', async () => {
    expect(await listed('status=awaiting_shipment')).toEqual([waiting.id]);
    expect(await listed('status=cancelled')).toEqual([]);
  });

  test('lists what has a deadline, the nearest first, page by page', async () => {
    expect(await listed('view=due')).toEqual([held.id, waiting.id, arrived.id, sent.id]);
    expect(await listed('view=due&status=shipped')).toEqual([sent.id]);
    const { body } = await seller.get('/api/seller/orders?view=due&limit=2');
    expect(await listed(`view=due&limit=2&cursor=${body['nextCursor']}`)).toEqual([
      arrived.id,
      sent.id,
    ]);
  });

  test('lists what is to be given back', async () => {
    const { body } = await seller.get('/api/seller/orders?view=returns');

    expect(body['returns']).toMatchObject([
      { id: back, orderId: arrived.id, status: 'requested', deadline: { kind: 'answer' } },
    ]);
  });

  test('asks for a shop first', async () => {
    const person = await world.person('seller');
    await raw('users').updateOne({ username: person.username }, { $set: { role: 'seller' } });

    const { status, body } = await person.get('/api/seller/orders');

    expect([status, body['code']]).toEqual([409, 'no_active_shop']);
  });
});
