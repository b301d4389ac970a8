import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

describe('cartCheckout', () => {
  test('places an order, paid from the wallet, that the seller is told of', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller);

    const { totalMinor } = await anOrder(alice, product, { quantity: 2 });

    expect(totalMinor).toBe(2000 + 499 + 380 + 94);
  });
});
