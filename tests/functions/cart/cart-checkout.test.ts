import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { intoCart } from '../../support/cart.ts';
import { eventually } from '../../support/eventually.ts';
import { checkOut, HOME } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import {
  expectProof,
  inAccount,
  inEscrow,
  ordersOf,
  paymentsOf,
  pendingOf,
  statusOf,
  stockOf,
} from '../orders/books.ts';
import { balanceOf, giveCash } from '../wallet/money.ts';

let world: World;
let seller: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  shop = await aShop(world, seller);
});
afterAll(() => world.stop());

const rich = async (name: string): Promise<Person> => {
  const person = await world.person(name);
  await giveCash(person.id, 100_000);
  return person;
};
const WALLET = { paymentMethod: 'wallet' };

describe('cartCheckout', () => {
  test('pays from the wallet and hands the order to its seller at once', async () => {
    const alice = await rich('alice');
    const product = await aProduct(seller, { variants: [{ priceMinor: 1000, stock: 5 }] });
    await intoCart(alice, product, { quantity: 2 });
    const before = await pendingOf(shop.id);

    const { status, body } = await checkOut(alice, { ...WALLET, note: ' Ring  twice ' });

    const order = body['orders']?.[0];
    const id = String(order?.['id']);
    expect(status).toBe(201);
    expect(body['payment']).toMatchObject({ status: 'captured', amount: 2973, currency: 'USD' });
    expect(order).toMatchObject({
      status: 'on_hold',
      checkoutId: body['checkoutId'],
      itemsMinor: 2000,
      shippingMinor: 499,
      taxMinor: 380 + 94,
      totalMinor: 2973,
      note: 'Ring twice',
      address: HOME,
      invoiceNo: `INV-${order?.['orderNo']}`,
      deadline: { kind: 'confirm' },
    });
    expect(await balanceOf(alice)).toBe(100_000 - 2973);
    expect(await stockOf(product)).toEqual({ available: 3, claims: 0 });
    expect(await inEscrow(id)).toBe(0);
    expect((await pendingOf(shop.id)) - before).toBe(2000 - 100 + 499);
    const empty = await checkOut(alice, WALLET);
    expect([empty.status, empty.body['code']]).toEqual([400, 'cart_empty']);
    await world.settle();
    expect((await seller.get('/api/notifications')).body['notifications']).toContainEqual(
      expect.objectContaining({ type: 'order_placed', subject: { type: 'order', id } }),
    );
    await expectProof(world);
  });

  test('waits for a card until the provider has it, with the stock kept', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 3 }] });
    await intoCart(alice, product);
    await world.payments('POST', 'webhooks', { mode: 'hold' });

    const { status, body } = await checkOut(alice);

    const id = String(body['orders']?.[0]?.['id']);
    expect([status, body['payment']?.['status']]).toEqual([201, 'created']);
    expect(body['orders']?.[0]).toMatchObject({ status: 'pending_payment', invoiceNo: null });
    expect(await stockOf(product)).toEqual({ available: 2, claims: 0 });
    await world.payments('POST', 'webhooks', { mode: 'deliver' });
    await world.payments('POST', 'webhooks/flush');
    const paid = await eventually(
      () => statusOf(id),
      (now) => now === 'on_hold',
    );
    expect(paid).toBe('on_hold');
    expect(await inEscrow(id)).toBe(0);
    await world.settle();
    await expectProof(world);
  });

  test('leaves nothing behind when the wallet has too little, and works once it has enough', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, { variants: [{ stock: 3 }] });
    await intoCart(alice, product);
    await giveCash(alice.id, 100);

    const poor = await checkOut(alice, WALLET, 'same-key');

    expect([poor.status, poor.body['code']]).toEqual([402, 'insufficient_balance']);
    expect(await ordersOf(alice)).toEqual([]);
    expect(await raw('payments').countDocuments({ payer: toId(alice.id), purpose: 'order' })).toBe(
      0,
    );
    expect(await stockOf(product)).toEqual({ available: 3, claims: 0 });
    await giveCash(alice.id, 10_000);
    expect((await checkOut(alice, WALLET, 'same-key')).status).toBe(201);
    expect(await stockOf(product)).toEqual({ available: 2, claims: 0 });
  });

  test('answers five repeats of one key with one checkout', async () => {
    const alice = await rich('alice');
    const product = await aProduct(seller, { variants: [{ stock: 5 }] });
    await intoCart(alice, product);

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => checkOut(alice, WALLET, 'one-tap')),
    );
    const later = await checkOut(alice, WALLET, 'one-tap');

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set([...answers, later].map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await ordersOf(alice)).toHaveLength(1);
    expect(await stockOf(product)).toEqual({ available: 4, claims: 0 });
  });

  test('orders nothing for another price than the buyer was shown', async () => {
    const alice = await rich('alice');
    const product = await aProduct(seller);
    await intoCart(alice, product);

    const other = await checkOut(alice, { ...WALLET, expectedTotal: 1700 });
    const price = { $set: { priceMinor: 1100 } };
    await raw('productvariants').updateOne({ _id: toId(product.variants[0] ?? '') }, price);
    const changed = await checkOut(alice, WALLET);
    const agreed = await checkOut(alice, { ...WALLET, expectedTotal: 1309 + 593 });

    expect([other.status, other.body['code']]).toEqual([409, 'price_changed']);
    expect(other.body['current']).toEqual({ total: 1190 + 593, currency: 'USD' });
    expect(changed.body['code']).toBe('price_changed');
    expect([agreed.status, agreed.body['payment']?.['amount']]).toEqual([201, 1902]);
  });

  test('says what stands in the way of an order', async () => {
    const alice = await rich('alice');
    const [gone, scarce] = [
      await aProduct(seller, { variants: [{ stock: 0 }] }),
      await aProduct(seller, { variants: [{ stock: 1 }] }),
    ];
    await intoCart(alice, gone);
    await intoCart(alice, scarce, { quantity: 2 });
    const missing = await checkOut(alice, WALLET);
    const holidaymaker = await world.person('seller');
    await aShop(world, holidaymaker);
    const bob = await rich('bob');
    await intoCart(bob, await aProduct(holidaymaker));
    await raw('shops').updateOne({ owner: toId(holidaymaker.id) }, { $set: { status: 'holiday' } });

    const closed = await checkOut(bob, WALLET);
    const coupon = await checkOut(bob, { ...WALLET, coupon: 'nothing' });

    expect([missing.status, missing.body['code']]).toEqual([409, 'sold_out']);
    expect(missing.body['details']).toEqual([
      expect.stringContaining('sold_out'),
      expect.stringContaining('not_enough_stock'),
    ]);
    expect([closed.status, closed.body['code']]).toEqual([409, 'checkout_blocked']);
    expect(closed.body['current']).toMatchObject([{ code: 'shop_closed' }]);
    expect(coupon.body['details']).toContainEqual('coupon_refused: NOTHING: unknown');
    expect(await stockOf(scarce)).toEqual({ available: 1, claims: 0 });
  });

  test('refuses an order that is dearer than we can book, and a wallet in another currency', async () => {
    const alice = await rich('alice');
    await intoCart(alice, await aProduct(seller, { variants: [{ priceMinor: 900_000_000 }] }));
    const dear = await checkOut(alice);
    const bob = await rich('bob');
    await raw('wallets').updateOne({ user: toId(bob.id) }, { $set: { currency: 'EUR' } });
    await intoCart(bob, await aProduct(seller));

    const foreign = await checkOut(bob, WALLET);

    expect(dear.body).toMatchObject({ code: 'checkout_blocked', details: ['total_too_large'] });
    expect([foreign.status, foreign.body['code']]).toEqual([409, 'currency_mismatch']);
    await raw('wallets').updateOne({ user: toId(bob.id) }, { $set: { currency: 'USD' } });
  });

  test('sends each parcel as it was chosen, to an address of the book', async () => {
    const alice = await rich('alice');
    await intoCart(alice, await aProduct(seller));
    const saved = await alice.put('/api/addresses/new', HOME);
    const addressId = saved.body['address']?.['id'];

    const { body } = await checkOut(alice, {
      ...WALLET,
      addressId,
      shipping: { [shop.id]: 'express' },
    });

    expect(body['orders']?.[0]).toMatchObject({
      shippingMethod: { code: 'express' },
      shippingMinor: 1299,
      address: HOME,
    });
  });

  test('asks for an address, and for one only', async () => {
    const alice = await world.person('alice');

    const none = await checkOut(alice, { address: undefined });
    const both = await checkOut(alice, { address: HOME, addressId: 'a'.repeat(24) });
    const unknown = await checkOut(alice, { addressId: 'a'.repeat(24) });

    expect([none.status, both.status, unknown.status]).toEqual([400, 400, 404]);
  });

  test('tells the platform’s share by the setting', async () => {
    const alice = await rich('alice');
    await intoCart(alice, await aProduct(seller, { variants: [{ priceMinor: 999 }] }));
    await changeSetting('shop.commissionBps', 1000);
    const before = await inAccount('fee');

    await checkOut(alice, WALLET);
    await changeSetting('shop.commissionBps', 500);

    expect((await inAccount('fee')) - before).toBe(99);
    expect(await paymentsOf(String((await ordersOf(alice))[0]?._id))).toMatchObject([
      { status: 'captured', provider: 'wallet' },
    ]);
  });
});
