import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { intoCart } from '../../support/cart.ts';
import { anUnpaidOrder, checkOut, spenders, WALLET } from '../../support/orders.ts';
import { outage } from '../../support/payments.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { statusOf, stockOf } from './books.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

describe('releaseReservations', () => {
  test('sells again what was kept for somebody who did not pay', async () => {
    const [alice, bob] = (await spenders(world, 2)) as [Person, Person];
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
    const [alice] = (await spenders(world, 1)) as [Person];
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

  test('keeps an order whose payment its provider says nothing about, until it does', async () => {
    const [alice] = (await spenders(world, 1)) as [Person];
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    const { id } = await anUnpaidOrder(alice, product);
    world.advance(minutes(16));
    await outage(world, 'before');

    await world.runJob('releaseReservations');
    expect([await statusOf(id), await stockOf(product)]).toEqual([
      'pending_payment',
      { available: 0, claims: 0 },
    ]);
    await outage(world, 'none');
    await world.runJob('releaseReservations');

    expect([await statusOf(id), await stockOf(product)]).toEqual([
      'cancelled',
      { available: 1, claims: 0 },
    ]);
  });
});
