/** Coupons of a checkout of which only a part is paid. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minutes } from '#platform/clock.ts';
import { raw } from '../../domain/wallet/books.ts';
import { aCoupon, intoCart, ourCoupon } from '../../support/cart.ts';
import { ADDRESS, checkOut } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf, giveCash } from '../wallet/money.ts';
import { expectProof, storedOrder } from './books.ts';

let world: World;
let alice: Person;
let one: Person;
let two: Person;
beforeAll(async () => {
  world = await startWorld();
  [one, two] = [await world.person('one'), await world.person('two')];
  await aShop(world, one);
  await aShop(world, two);
});
beforeEach(async () => {
  alice = await world.person('alice');
  await giveCash(alice.id, 1_000_000);
});
afterAll(() => world.stop());

let codes = 0;
/** 10.00 off by the platform, over both shops; 3.00 off by the first one; each once a person. */
async function coupons() {
  codes += 1;
  const [ours, theirs] = [`OURS${codes}`, `ONES${codes}`];
  const limits = { kind: 'amount', budget: { limitMinor: 5000, uses: 10 }, perUser: 1 };
  await ourCoupon(world, ours, { ...limits, value: 1000 });
  await aCoupon(one, theirs, { ...limits, value: 300 });
  return { ours, theirs };
}
type Codes = Awaited<ReturnType<typeof coupons>>;

/** Two orders of 23.00 and 20.00 before the platform's part, which wait for the buyer's bank. */
async function twoOrders({ ours, theirs }: Codes) {
  await intoCart(alice, await aProduct(one, { variants: [{ priceMinor: 2300, stock: 9 }] }));
  await intoCart(alice, await aProduct(two, { variants: [{ priceMinor: 2000, stock: 9 }] }));
  const { status, body } = await checkOut(alice, {
    ...{ paymentMethod: 'pm_card_authenticationRequired', address: ADDRESS },
    coupon: [ours, theirs],
  });
  expect(status).toBe(201);
  const ids = [...(body['orders'] ?? [])].map((order) => String(order['id']));
  const rows = await Promise.all(ids.map(storedOrder));
  const discounted = (by: number) => rows.find(({ discountMinor }) => discountMinor === by);
  return { first: discounted(800), second: discounted(500) };
}
const idOf = (order: Awaited<ReturnType<typeof twoOrders>>['first']) => String(order?.['_id']);
const cancel = (id: string) =>
  alice.post(`/api/orders/${id}/actions`, { action: 'cancel' }, { key: randomUUID() });
const pay = (id: string) =>
  alice.post(`/api/orders/${id}/pay`, { paymentMethod: 'wallet' }, { key: randomUUID() });
const leftOf = async (code: string) => {
  world.advance(minutes(1));
  await world.runJob('releaseReservations');
  const row = await raw('coupons').findOne({ code });
  return [row?.['minorLeft'], row?.['usesLeft']];
};
/** What a code would do now for one of the first shop's products. */
async function wouldTake(code: string): Promise<number> {
  await intoCart(alice, await aProduct(one, { variants: [{ priceMinor: 5000, stock: 9 }] }));
  await alice.put('/api/cart/coupon', { codes: [code] });
  const { body } = await alice.get('/api/cart');
  return Number(body['totals']?.['discountMinor']);
}

describe('a checkout with coupons of which one order is cancelled and the other paid', () => {
  test('keeps the discount of what is paid, and only that', async () => {
    const codesOf = await coupons();
    const { first, second } = await twoOrders(codesOf);
    const cash = await balanceOf(alice);

    await cancel(idOf(first));
    const paid = await pay(idOf(second));
    await world.settle();

    expect(paid.status).toBe(200);
    expect(await storedOrder(idOf(second))).toMatchObject({
      ...{ status: 'on_hold', discountMinor: 500, shares: { promoMinor: 500 } },
    });
    expect(await balanceOf(alice)).toBe(cash - Number(second?.['totalMinor']));
    expect(await leftOf(codesOf.ours)).toEqual([5000 - 500, 9]);
    expect(await leftOf(codesOf.theirs)).toEqual([5000, 10]);
    await expectProof(world);
  });

  test('gives a coupon back to the person whose only order with it is cancelled, and no other', async () => {
    const codesOf = await coupons();
    const { first, second } = await twoOrders(codesOf);

    await cancel(idOf(first));
    await pay(idOf(second));

    expect(await wouldTake(codesOf.ours)).toBe(0);
    expect(await wouldTake(codesOf.theirs)).toBe(300);
  });

  test('gives all back when both are cancelled, also at once', async () => {
    const codesOf = await coupons();
    const { first, second } = await twoOrders(codesOf);

    const answers = await Promise.all([cancel(idOf(first)), cancel(idOf(second))]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await leftOf(codesOf.ours)).toEqual([5000, 10]);
    expect(await leftOf(codesOf.theirs)).toEqual([5000, 10]);
    expect(await wouldTake(codesOf.ours)).toBe(1000);
  });

  test('keeps the use of what was paid and cancelled after that', async () => {
    const codesOf = await coupons();
    const { first, second } = await twoOrders(codesOf);

    await pay(idOf(first));
    await cancel(idOf(second));
    await cancel(idOf(first));
    await world.settle();

    expect(await leftOf(codesOf.ours)).toEqual([5000 - 1000, 9]);
    await expectProof(world);
  });
});
