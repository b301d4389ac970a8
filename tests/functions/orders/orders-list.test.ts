import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delivered, paidOrder, rowOf } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aReturn } from '../../support/returns.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

describe('ordersList', () => {
  test('lists what one has ordered and nobody else, newest first', async () => {
    const buyer = await world.person('buyer');
    const [first, second, third] = [
      await paidOrder({ buyer, seller }),
      await paidOrder({ buyer, seller, unpaid: true }),
      await paidOrder({ buyer, seller }),
    ];

    const page = await buyer.get('/api/orders?limit=2');
    const rest = await buyer.get(`/api/orders?limit=2&cursor=${page.body['nextCursor']}`);

    const ids = (body: typeof page.body) =>
      (body['orders'] as unknown as readonly { id: string }[]).map(({ id }) => id);
    expect(ids(page.body)).toEqual([third.id, second.id]);
    expect(ids(rest.body)).toEqual([first.id]);
    expect(page.body['pagination']).toMatchObject({ total: 3, pages: 2 });
  });

  test('lists what one wanted to give back', async () => {
    const buyer = await world.person('buyer');
    const order = await delivered(world, { buyer, seller });
    const id = await aReturn(buyer, await rowOf(order.id));

    const mine = await buyer.get('/api/orders?view=returns');
    const theirs = await seller.get('/api/orders?view=returns');

    expect(mine.body['returns']).toMatchObject([{ id, orderId: order.id, status: 'requested' }]);
    expect(theirs.body['returns']).toEqual([]);
  });
});
