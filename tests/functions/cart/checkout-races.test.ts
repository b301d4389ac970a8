import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOut as placeAndPay } from '#domain/orders/checkout.ts';
import { toId } from '#platform/id.ts';
import { intoCart } from '../../support/cart.ts';
import { checkOut, HOME, spenders, WALLET } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { expectProof, ordersOf, stockOf } from '../orders/books.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

describe('checkouts at the same time', () => {
  test('sell the last piece to one of twenty', async () => {
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    const buyers = await spenders(world, 20);
    for (const buyer of buyers) await intoCart(buyer, product);

    const answers = await Promise.all(buyers.map((buyer) => checkOut(buyer, WALLET)));

    const told = answers.map(({ status, body }) => [status, body['code']].join(' ').trim());
    expect(told.sort()).toEqual(['201', ...Array.from({ length: 19 }, () => '409 sold_out')]);
    expect(await stockOf(product)).toEqual({ available: 0, claims: 0 });
    await world.settle();
    await expectProof(world);
  });

  test('sell what there is of several variants, never more and never half a cart', async () => {
    const [one, two] = [
      await aProduct(seller, { variants: [{ stock: 4 }] }),
      await aProduct(seller, { variants: [{ stock: 3 }] }),
    ];
    const buyers = await spenders(world, 8);
    for (const buyer of buyers) {
      await intoCart(buyer, one);
      await intoCart(buyer, two);
    }

    const answers = await Promise.all(buyers.map((buyer) => checkOut(buyer, WALLET)));

    const sold = answers.filter(({ status }) => status === 201).length;
    expect(sold).toBe(3);
    expect(await stockOf(one)).toEqual({ available: 1, claims: 0 });
    expect(await stockOf(two)).toEqual({ available: 0, claims: 0 });
  });

  test('of one buyer with two keys order what is in the cart once', async () => {
    const [buyer] = await spenders(world, 1);
    const product = await aProduct(seller);
    await intoCart(buyer as Person, product);

    const answers = await Promise.all([
      checkOut(buyer as Person, WALLET, 'one'),
      checkOut(buyer as Person, WALLET, 'two'),
    ]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect(await ordersOf(buyer as Person)).toHaveLength(1);
  });

  test('of one buyer at two instances, which take no turns, order what is in the cart once', async () => {
    const [buyer] = (await spenders(world, 1)) as [Person];
    const product = await aProduct(seller, { variants: [{ stock: 5 }] });
    await intoCart(buyer, product, { quantity: 2 });
    const order = (operation: string) => {
      const wish = { buyer: toId<'user'>(buyer.id), operation, method: 'wallet', address: HOME };
      return placeAndPay(wish, world.now());
    };

    const placed = await Promise.allSettled([order('one'), order('two'), order('three')]);

    expect(placed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await ordersOf(buyer)).toHaveLength(1);
    expect(await stockOf(product)).toEqual({ available: 3, claims: 0 });
  });

  test('of one request at two instances are one checkout', async () => {
    const [buyer] = (await spenders(world, 1)) as [Person];
    const product = await aProduct(seller, { variants: [{ stock: 5 }] });
    await intoCart(buyer, product, { quantity: 2 });
    const wish = { buyer: toId<'user'>(buyer.id), operation: 'same', method: 'wallet' };

    const placed = await Promise.all(
      [1, 2].map(() => placeAndPay({ ...wish, address: HOME }, world.now())),
    );

    expect(new Set(placed.map(({ checkout }) => checkout.toHexString())).size).toBe(1);
    expect(await ordersOf(buyer)).toHaveLength(1);
    expect(await stockOf(product)).toEqual({ available: 3, claims: 0 });
  });
});
