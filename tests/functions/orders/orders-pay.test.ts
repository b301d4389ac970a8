import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { payAgain } from '#domain/orders/pay-checkout.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { intoCart } from '../../support/cart.ts';
import { anOrder, anUnpaidOrder, checkOut } from '../../support/orders.ts';
import {
  authenticate,
  calm,
  deliverAll,
  outage,
  settlePayment,
  webhooks,
} from '../../support/payments.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';
import { expectProof, inEscrow, ordersOf, paymentsOf, statusOf, stockOf } from './books.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterEach(() => calm(world));
afterAll(() => world.stop());

const pay = (buyer: Person, order: string, paymentMethod: string, key: string = randomUUID()) =>
  buyer.post(`/api/orders/${order}/pay`, { paymentMethod }, { key });
const states = async (order: string) =>
  (await paymentsOf(order)).map(({ status, method }) => `${method} ${status}`);

describe('ordersPay', () => {
  test('pays with another card after one was declined, while the stock is kept', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    await intoCart(alice, product);

    const declined = await checkOut(alice, { paymentMethod: 'pm_card_chargeDeclined' });
    const id = String(declined.body['orders']?.[0]?.['id']);
    const { status, body } = await pay(alice, id, 'pm_card_mastercard');

    expect([declined.status, declined.body['payment']?.['status']]).toEqual([201, 'failed']);
    expect(declined.body['payment']?.['failureCode']).toBe('generic_decline');
    expect(declined.body['orders']?.[0]?.['status']).toBe('pending_payment');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      checkoutId: declined.body['checkoutId'],
      orders: [{ id, status: 'on_hold' }],
      payment: { status: 'captured' },
    });
    expect(await states(id)).toEqual([
      'pm_card_chargeDeclined failed',
      'pm_card_mastercard captured',
    ]);
    expect(await stockOf(product)).toEqual({ available: 0, claims: 0 });
    await world.settle();
    await expectProof(world);
  });

  test('calls off the payment before it, and answers repeats alike', async () => {
    const alice = await world.person('alice');
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    await giveCash(alice.id, 10_000);

    const answers = await Promise.all([1, 2, 3].map(() => pay(alice, id, 'wallet', 'again')));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await states(id)).toEqual([
      'pm_card_authenticationRequired cancelled',
      'wallet captured',
    ]);
    const [first] = await paymentsOf(id);
    await authenticate(world, String(first?.['providerRef']));
    await deliverAll(world);
    expect(await states(id)).toContain('pm_card_authenticationRequired cancelled');
  });

  test('takes the payment before it when that turns out to have succeeded', async () => {
    const alice = await world.person('alice');
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    await webhooks(world, 'hold');
    const [first] = await paymentsOf(id);
    await authenticate(world, String(first?.['providerRef']));
    expect(await statusOf(id)).toBe('pending_payment');

    const { status, body } = await pay(alice, id, 'pm_card_mastercard');

    expect([status, body['payment']?.['id']]).toEqual([200, String(first?._id)]);
    expect(await statusOf(id)).toBe('on_hold');
    expect(await states(id)).toEqual(['pm_card_authenticationRequired captured']);
    await deliverAll(world);
    expect(await inEscrow(id)).toBe(0);
    await expectProof(world);
  });

  test('waits for a payment that its provider is still deciding about', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 1 }] });
    await intoCart(alice, product);
    const { body } = await checkOut(alice, { paymentMethod: 'pm_card_processing' });
    const id = String(body['orders']?.[0]?.['id']);

    const { status, body: told } = await pay(alice, id, 'pm_card_mastercard');
    world.advance(minutes(16));
    await world.runJob('releaseReservations');

    expect([status, told['code']]).toEqual([409, 'payment_pending']);
    expect(await statusOf(id)).toBe('pending_payment');
    const [payment] = await paymentsOf(id);
    await settlePayment(world, String(payment?.['providerRef']));
    await deliverAll(world);
    expect(await statusOf(id)).toBe('on_hold');
    expect(await stockOf(product)).toEqual({ available: 0, claims: 0 });
  });

  test('says when there is nothing to pay, when it is too late, and when the wallet has too little', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller);
    const paid = await anOrder(alice, product);
    const bob = await world.person('bob');
    const open = await anUnpaidOrder(bob, product);

    const again = await pay(alice, paid.id, 'wallet');
    const poor = await pay(bob, open.id, 'wallet');
    await raw('wallets').updateOne({ user: toId(bob.id) }, { $set: { currency: 'EUR' } });
    const foreign = await pay(bob, open.id, 'wallet');
    await raw('wallets').updateOne({ user: toId(bob.id) }, { $set: { currency: 'USD' } });
    world.advance(minutes(15));
    const late = await pay(bob, open.id, 'pm_card_mastercard');

    expect([again.status, again.body['current']]).toEqual([409, 'on_hold']);
    expect([poor.status, poor.body['code']]).toEqual([402, 'insufficient_balance']);
    expect([foreign.status, foreign.body['code']]).toEqual([409, 'currency_mismatch']);
    expect([late.status, late.body['code']]).toEqual([409, 'hold_expired']);
    expect(await states(open.id)).toEqual(['pm_card_authenticationRequired cancelled']);
  });

  test('lets one of two different payments at once have its turn', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, await aProduct(seller));
    const { body } = await checkOut(alice, { paymentMethod: 'pm_card_chargeDeclined' });
    const id = String(body['orders']?.[0]?.['id']);

    const buyer = toId<'user'>(alice.id);
    const payWith = (method: string) =>
      payAgain({ buyer, order: toId(id), method, operation: method }, world.now());

    // As two instances would, which do not take turns.
    const paid = await Promise.allSettled([payWith('pm_card_mastercard'), payWith('pm_card_amex')]);

    expect(paid.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(paid).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: 'conflict' }) }),
    );
    const captured = (await states(id)).filter((state) => state.endsWith('captured'));
    expect(captured).toHaveLength(1);
  });

  test('goes on with the same payment when the provider was away', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, await aProduct(seller));
    const { body } = await checkOut(alice, { paymentMethod: 'pm_card_chargeDeclined' });
    const id = String(body['orders']?.[0]?.['id']);
    await outage(world, 'before');

    const away = await pay(alice, id, 'pm_card_mastercard', 'back');
    await outage(world, 'none');
    const back = await pay(alice, id, 'pm_card_mastercard', 'back');

    expect([away.status, back.status]).toEqual([503, 200]);
    expect(await states(id)).toEqual([
      'pm_card_chargeDeclined failed',
      'pm_card_mastercard captured',
    ]);
    expect(await ordersOf(alice)).toMatchObject([{ status: 'on_hold' }]);
  });
});
