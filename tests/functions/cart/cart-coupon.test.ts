import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Coupons } from '#domain/cart/coupon.model.ts';
import { CouponRedemptions } from '#domain/cart/coupon-redemption.model.ts';
import { hours } from '#platform/clock.ts';
import { newId, toId } from '#platform/id.ts';
import { aCoupon, intoCart, ourCoupon } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let product: AProduct;
beforeAll(async () => {
  world = await startWorld({ background: false });
  seller = await world.person('seller');
  await aShop(world, seller);
  product = await aProduct(seller);
});
afterAll(() => world.stop());

async function buyer(quantity = 1): Promise<Person> {
  const alice = await world.person('alice');
  await intoCart(alice, product, { quantity });
  return alice;
}
const apply = (person: Person, ...codes: string[]) => person.put('/api/cart/coupon', { codes });
const whyNot = async (code: string, person?: Person) =>
  (await apply(person ?? (await buyer()), code)).body['details']?.[0];
const soon = (milliseconds: number) => new Date(world.now().getTime() + milliseconds).toISOString();

describe('cartCoupon', () => {
  test('applies a code of the shop and one of the platform, and clears them', async () => {
    await aCoupon(seller, 'SHOP10');
    await ourCoupon(world, 'OURS10');
    const alice = await buyer();

    const applied = await apply(alice, 'ours10', 'shop10', 'SHOP10');

    expect(applied.body).toMatchObject({
      cart: {
        codes: ['OURS10', 'SHOP10'],
        coupons: [
          { code: 'SHOP10', funding: 'seller', discountMinor: 100 },
          { code: 'OURS10', funding: 'platform', discountMinor: 90 },
        ],
      },
      totals: { itemsMinor: 1000, discountMinor: 190, totalMinor: 810 },
    });
    expect((await apply(alice)).body).toMatchObject({
      cart: { codes: [], coupons: [] },
      totals: { totalMinor: 1000 },
    });
  });

  test('says why a code cannot be used, and leaves the cart as it was', async () => {
    const other = await world.person('other');
    await aShop(world, other);
    await aCoupon(seller, 'GOOD');
    await aCoupon(seller, 'LATER', { startsAt: soon(hours(1)) });
    await aCoupon(seller, 'OVER', { endsAt: soon(hours(1)) });
    await aCoupon(seller, 'OFF', { status: 'stopped' });
    await aCoupon(seller, 'RICH', { minSpendMinor: 1001 });
    await aCoupon(seller, 'OTHERS', { scope: { type: 'products', ids: ['a'.repeat(24)] } });
    await aCoupon(seller, 'EMPTY', { budget: { limitMinor: 99 } });
    await aCoupon(other, 'ELSEWHERE');
    await Coupons.updateOne({ code: 'OVER' }, { $set: { endsAt: world.now() } });
    const alice = await buyer();
    await apply(alice, 'GOOD');

    expect([
      await whyNot('NOBODYS', alice),
      await whyNot('LATER', alice),
      await whyNot('OVER', alice),
      await whyNot('OFF', alice),
      await whyNot('RICH', alice),
      await whyNot('OTHERS', alice),
      await whyNot('EMPTY', alice),
      await whyNot('ELSEWHERE', alice),
    ]).toEqual([
      'NOBODYS: unknown',
      'LATER: not_started',
      'OVER: ended',
      'OFF: ended',
      'RICH: min_spend',
      'OTHERS: not_for_these',
      'EMPTY: used_up',
      'ELSEWHERE: unknown',
    ]);
    const second = await apply(alice, 'GOOD', 'GOOD-NOT');
    expect(second).toMatchObject({ status: 409, body: { code: 'coupon_refused' } });
    expect((await alice.get('/api/cart')).body['cart']).toMatchObject({ codes: ['GOOD'] });
  });

  test('refuses who has used it as often as they may', async () => {
    const coupon = toId<'coupon'>(await aCoupon(seller, 'ONCE'));
    const [alice, bob] = [await buyer(), await buyer()];
    const use = { coupon, checkout: newId<'checkout'>(), amountMinor: 100 };
    await CouponRedemptions.create([{ ...use, user: toId(alice.id), nth: 1, status: 'redeemed' }]);

    expect(await whyNot('ONCE', alice)).toBe('ONCE: used_by_you');
    expect((await apply(bob, 'ONCE')).status).toBe(200);
  });

  test('keeps a code in the cart that no longer fits, and says so', async () => {
    await aCoupon(seller, 'BULK', { minSpendMinor: 2000 });
    const alice = await buyer(2);
    await apply(alice, 'BULK');
    const { body: before } = await alice.get('/api/cart');

    await alice.put(`/api/cart/items/${String(before['items']?.[0]?.['id'])}`, { quantity: 1 });

    const { body } = await alice.get('/api/cart');
    expect(before['totals']).toMatchObject({ totalMinor: 1800 });
    expect(body).toMatchObject({
      cart: { codes: ['BULK'], coupons: [] },
      totals: { totalMinor: 1000 },
      issues: [{ code: 'coupon_refused', coupon: 'BULK', reason: 'min_spend' }],
    });
  });
});
