import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { anUnpaidOrder, checkOut, intoCart } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { expectProof, ordersOf, stockOf } from '../orders/books.ts';
import { giveCash } from '../wallet/money.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

const people = async (count: number): Promise<Person[]> => {
  const all: Person[] = [];
  for (let one = 0; one < count; one += 1) {
    const person = await world.person('buyer');
    await giveCash(person.id, 50_000);
    all.push(person);
  }
  return all;
};
const WALLET = { paymentMethod: 'wallet' };

describe('checkouts at the same time', () => {
  test('sell the last piece to one of twenty', async () => {
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    const buyers = await people(20);
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
    const buyers = await people(8);
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
    const [buyer] = await people(1);
    const product = await aProduct(seller);
    await intoCart(buyer as Person, product);

    const answers = await Promise.all([
      checkOut(buyer as Person, WALLET, 'one'),
      checkOut(buyer as Person, WALLET, 'two'),
    ]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect(await ordersOf(buyer as Person)).toHaveLength(1);
  });
});

describe('releaseReservations', () => {
  test('sells again what was kept for somebody who did not pay', async () => {
    const [alice, bob] = (await people(2)) as [Person, Person];
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    const { id } = await anUnpaidOrder(alice, product);
    await intoCart(bob, product);
    expect((await checkOut(bob, WALLET)).status).toBe(409);
    world.advance(minutes(14));
    await world.runJob('releaseReservations');
    expect((await checkOut(bob, WALLET)).status).toBe(409);

    world.advance(minutes(2));
    await world.runJob('releaseReservations');

    const order = await raw('orders').findOne({ _id: toId(id) });
    expect(order).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'system', reason: 'unpaid' },
    });
    const [payment] = await raw('payments')
      .find({ payer: toId(alice.id), purpose: 'order' })
      .toArray();
    expect(payment?.['status']).toBe('cancelled');
    expect(await stockOf(product)).toEqual({ available: 1, claims: 0 });
    expect((await checkOut(bob, WALLET)).status).toBe(201);
    expect(await stockOf(product)).toEqual({ available: 0, claims: 0 });
  });

  test('gives back what a checkout claimed that died, and leaves alone what was ordered', async () => {
    const [alice] = (await people(1)) as [Person];
    const product = await aProduct(seller, { variants: [{ stock: 5 }] });
    const { id, checkout } = await anUnpaidOrder(alice, product, { quantity: 2 });
    const variant = { _id: toId(product.variants[0] ?? '') };
    const died = { id: toId('d'.repeat(24)), amount: 1, at: world.now() };
    const late = { id: toId(checkout), amount: 2, at: world.now() };
    await raw('productvariants').updateOne(variant, {
      $inc: { available: -1 },
      $set: { claims: [died, late] },
    });

    world.advance(minutes(3));
    await world.runJob('releaseReservations');

    expect(await stockOf(product)).toEqual({ available: 3, claims: 0 });
    world.advance(hours(1));
    await world.runJob('releaseReservations');
    expect(await stockOf(product)).toEqual({ available: 5, claims: 0 });
    expect((await raw('orders').findOne({ _id: toId(id) }))?.['status']).toBe('cancelled');
  });
});
