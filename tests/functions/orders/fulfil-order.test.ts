import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fulfilPayment } from '#domain/orders/fulfil-order.ts';
import { minutes } from '#platform/clock.ts';
import { intoCart } from '../../support/cart.ts';
import { anUnpaidOrder, checkOut } from '../../support/orders.ts';
import { authenticate, calm, deliverAll, outage, webhooks } from '../../support/payments.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';
import {
  expectProof,
  inEscrow,
  ordersOf,
  paymentsOf,
  refundsOf,
  statusOf,
  stockOf,
} from './books.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterEach(() => calm(world));
afterAll(() => world.stop());

const MASTERCARD = { paymentMethod: 'pm_card_mastercard' };
/** The one order of a buyer, its payments and refunds. */
async function allOf(buyer: Person) {
  const [order] = await ordersOf(buyer);
  const id = String(order?._id);
  const [payments, refunds] = [await paymentsOf(id), await refundsOf(id)];
  return { id, status: order?.['status'], payments, refunds };
}

describe('fulfilOrder', () => {
  test('makes one order of a callback that comes before the answer, twice, and afterwards', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 2 }] });
    await intoCart(alice, product);
    await webhooks(world, 'twice');
    await outage(world, 'after');

    const lost = await checkOut(alice, MASTERCARD, 'tap');
    await outage(world, 'none');
    await deliverAll(world);
    const again = await checkOut(alice, MASTERCARD, 'tap');

    expect(lost.status).toBe(503);
    expect(again.body).toMatchObject({
      orders: [{ status: 'on_hold' }],
      payment: { status: 'captured' },
    });
    await fulfilPayment((await paymentsOf((await allOf(alice)).id))[0]?._id as never, world.now());
    const { id, payments, refunds } = await allOf(alice);
    expect([payments.length, refunds.length]).toEqual([1, 0]);
    expect(await ordersOf(alice)).toHaveLength(1);
    expect(await stockOf(product)).toEqual({ available: 1, claims: 0 });
    expect(await inEscrow(id)).toBe(0);
    await expectProof(world);
  });

  test('sends back once what comes after the order was given up for want of it', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    await intoCart(alice, product);
    await webhooks(world, 'hold');
    await outage(world, 'after');
    expect((await checkOut(alice, MASTERCARD)).status).toBe(503);
    await outage(world, 'none');
    world.advance(minutes(16));
    await world.runJob('releaseReservations');
    expect((await allOf(alice)).status).toBe('cancelled');

    await webhooks(world, 'twice');
    await deliverAll(world);

    const { id, status, payments, refunds } = await allOf(alice);
    expect(status).toBe('cancelled');
    expect(payments).toMatchObject([{ capturedMinor: 1783 }]);
    expect(refunds).toMatchObject([{ from: 'escrow', amountMinor: 1783, initiatedBy: 'system' }]);
    await Promise.all([1, 2].map(() => fulfilPayment(payments[0]?._id as never, world.now())));
    expect(await refundsOf(id)).toHaveLength(1);
    expect(await stockOf(product)).toEqual({ available: 1, claims: 0 });
    await expectProof(world);
  });

  test('sends back what the buyer paid after they cancelled', async () => {
    const alice = await world.person('alice');
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    const cancel = { action: 'cancel', reason: 'changed_mind' };
    const cancelled = await alice.post(`/api/orders/${id}/actions`, cancel, { key: randomUUID() });
    expect(cancelled.status).toBe(200);
    const [payment] = await paymentsOf(id);

    await authenticate(world, String(payment?.['providerRef']));
    await deliverAll(world);

    expect(await statusOf(id)).toBe('cancelled');
    expect(await refundsOf(id)).toMatchObject([{ from: 'escrow', initiatedBy: 'system' }]);
    await expectProof(world);
  });

  test('sends back the first payment when it succeeds after the second', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 3 }] });
    await intoCart(alice, product);
    await webhooks(world, 'hold');
    await outage(world, 'after');
    expect((await checkOut(alice, MASTERCARD)).status).toBe(503);
    await outage(world, 'none');
    const { id } = await allOf(alice);
    await giveCash(alice.id, 5000);
    const pay = { paymentMethod: 'wallet' };
    const paid = await alice.post(`/api/orders/${id}/pay`, pay, { key: randomUUID() });
    expect(paid.body['orders']).toMatchObject([{ status: 'on_hold' }]);

    await deliverAll(world);

    const { payments, refunds, status } = await allOf(alice);
    expect(payments.map(({ capturedMinor }) => capturedMinor)).toEqual([1783, 1783]);
    expect(refunds).toMatchObject([{ payment: payments[0]?._id, amountMinor: 1783 }]);
    expect(status).toBe('on_hold');
    expect(await stockOf(product)).toEqual({ available: 2, claims: 0 });
    await expectProof(world);
  });

  test('is done by the job where nobody else did it', async () => {
    const alice = await world.person('alice');
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    await webhooks(world, 'hold');
    const [payment] = await paymentsOf(id);
    await authenticate(world, String(payment?.['providerRef']));
    world.advance(minutes(16));

    await world.runJob('releaseReservations');

    expect(await statusOf(id)).toBe('on_hold');
    await deliverAll(world);
    expect(await refundsOf(id)).toEqual([]);
    await expectProof(world);
  });
});

describe('reconcilePayments', () => {
  test('calls off a payment whose orders were cancelled', async () => {
    const alice = await world.person('alice');
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    const cancel = { action: 'cancel', reason: 'changed_mind' };
    await alice.post(`/api/orders/${id}/actions`, cancel, { key: randomUUID() });
    expect(await paymentsOf(id)).toMatchObject([{ status: 'requires_action' }]);

    world.advance(minutes(6));
    await world.runJob('reconcilePayments');

    expect(await paymentsOf(id)).toMatchObject([{ status: 'cancelled' }]);
  });
});
