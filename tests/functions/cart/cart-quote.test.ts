import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Carts } from '#domain/cart/cart.model.ts';
import { toId } from '#platform/id.ts';
import { aCoupon, anAddress, intoCart, ourCoupon, postal } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let product: AProduct;
const way = (code: string, rateMinor: number) => ({
  ...{ code, name: code, rateMinor, perItemMinor: 100, minDays: 2, maxDays: 4 },
});
const shipping = [
  {
    ...{ name: 'Germany', countries: ['DE'], handlingDays: 2 },
    methods: [way('standard', 400), way('express', 900)],
  },
];
beforeAll(async () => {
  world = await startWorld({ background: false });
  seller = await world.person('seller');
  await aShop(world, seller, { shipping });
  product = await aProduct(seller);
});
afterAll(() => world.stop());

const quote = async (person: Person, wish: unknown) =>
  (await person.post('/api/cart/quote', wish)).body;

describe('cartQuote', () => {
  test('says what it costs to an address, with options, tax and discounts', async () => {
    await aCoupon(seller, 'TENOFF');
    const alice = await world.person('alice');
    const item = await intoCart(alice, product, { quantity: 2 });
    const addressId = await anAddress(alice);

    const body = await quote(alice, { addressId, coupons: ['tenoff'] });

    expect(body).toMatchObject({
      shops: [
        {
          shop: { id: product.shop },
          lines: [
            { itemId: item, quantity: 2, itemsMinor: 2000, discountMinor: 200, taxMinor: 342 },
          ],
          shipping: {
            method: 'standard',
            options: [
              { code: 'standard', costMinor: 500 },
              { code: 'express', costMinor: 1000 },
            ],
            handlingDays: 2,
          },
          ...{ shippingMinor: 500, discountMinor: 200, taxMinor: 437, totalMinor: 2737 },
        },
      ],
      coupons: [{ code: 'TENOFF', funding: 'seller', discountMinor: 200 }],
      totals: { currency: 'USD', quantity: 2, totalMinor: 2737 },
      issues: [],
    });
  });

  test('goes by the shipping that was chosen', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, product);

    const { shops } = await quote(alice, {
      address: postal(),
      shipping: { [product.shop]: 'express' },
    });

    expect(shops).toMatchObject([{ shipping: { method: 'express' }, shippingMinor: 900 }]);
  });

  test('leaves out shipping and tax without an address, and changes nothing', async () => {
    await aCoupon(seller, 'SHIP', { kind: 'shipping', value: 10_000 });
    const alice = await world.person('alice');
    await intoCart(alice, product);
    const before = await Carts.findOne({ user: toId<'user'>(alice.id) }).lean();

    const body = await quote(alice, { coupons: ['SHIP'] });

    expect(body).toMatchObject({
      shops: [{ shipping: { method: null, options: [] }, shippingMinor: 0, taxMinor: 0 }],
      totals: { totalMinor: 1000 },
      issues: [],
    });
    expect(await Carts.findOne({ user: toId<'user'>(alice.id) }).lean()).toEqual(before);
  });

  test('says where a shop does not ship to, and which codes do not fit', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, product);

    const { issues } = await quote(alice, {
      address: postal({ country: 'JP' }),
      coupons: ['WHATEVER'],
    });

    expect(issues).toEqual([
      { code: 'not_deliverable', shopId: product.shop },
      { code: 'coupon_refused', coupon: 'WHATEVER', reason: 'unknown' },
    ]);
  });

  test('makes two orders of two shops, and spreads our coupon over them', async () => {
    await ourCoupon(world, 'SPREAD', { kind: 'amount', value: 401 });
    const other = await world.person('other');
    await aShop(world, other);
    const alice = await world.person('alice');
    await intoCart(alice, product, { quantity: 3 });
    await intoCart(alice, await aProduct(other));

    const body = await quote(alice, { coupons: ['SPREAD'] });

    expect(body['shops']?.map((shop) => shop['discountMinor']).sort()).toEqual([100, 301]);
    expect(body).toMatchObject({
      coupons: [{ code: 'SPREAD', discountMinor: 401 }],
      totals: { totalMinor: 3599 },
    });
  });

  test('takes one address, and none of somebody else', async () => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')];
    const addressId = await anAddress(bob);
    const ask = async (wish: unknown) => (await alice.post('/api/cart/quote', wish)).status;

    expect(await ask({ addressId })).toBe(404);
    expect(await ask({ addressId, address: postal() })).toBe(400);
    expect(await ask({ shipping: { nonsense: 'x' } })).toBe(400);
    expect(await ask({})).toBe(200);
  });
});
