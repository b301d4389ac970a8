import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noticeWishes } from '#domain/shop/wishlist.ts';
import { minutes } from '#platform/clock.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

const save = (who: Person, { id }: AProduct, body: object = {}) =>
  who.put(`/api/wishlist/${id}`, { saved: true, ...body });

let keys = 0;
async function price({ id }: AProduct, priceMinor: number): Promise<void> {
  const { body } = await seller.get(`/api/products/${id}`);
  const sku = body['variants']?.[0]?.['sku'];
  const variants = [{ sku, priceMinor, optionValues: {} }];
  const key = `price-${(keys += 1)}`;
  expect((await seller.put(`/api/products/${id}/variants`, { variants }, { key })).status).toBe(
    200,
  );
}
async function stock({ id, variants }: AProduct, quantity: number): Promise<void> {
  const { body } = await seller.get(`/api/products/${id}`);
  const version = body['variants']?.[0]?.['version'];
  const change = { variantId: variants[0], kind: 'set', quantity, version, reason: 'test' };
  const key = `stock-${(keys += 1)}`;
  expect((await seller.post(`/api/products/${id}/inventory`, change, { key })).status).toBe(200);
}
async function notice(): Promise<number> {
  const told = await noticeWishes(world.now(), new Date(world.now().getTime() + minutes(1)));
  await world.settle();
  return told;
}

describe('wishlistSet and wishlistGet', () => {
  test('save a product once, list it as it is now, and forget it', async () => {
    const [alice, product] = [await world.person('alice'), await aProduct(seller)];
    const later = await aProduct(seller);

    expect((await save(alice, product)).body).toEqual({ saved: true, notify: true });
    await save(alice, product, { notify: false });
    await save(alice, later);
    await seller.delete(`/api/products/${later.id}`);

    const { body } = await alice.get('/api/wishlist');
    expect(body['wishes']).toMatchObject([
      { productId: later.id, product: null },
      { productId: product.id, product: { id: product.id }, priceSeenMinor: 1000, notify: false },
    ]);
    expect((await save(alice, product, { saved: false })).body).toEqual({
      ...{ saved: false, notify: false },
    });
    await save(alice, product, { saved: false });
    expect((await alice.get('/api/wishlist')).body['wishes']).toHaveLength(1);
    expect((await save(alice, later)).status).toBe(404);
  });

  test('save once when one tap is sent five times', async () => {
    const [alice, product] = [await world.person('alice'), await aProduct(seller)];

    const all = await Promise.all([1, 2, 3, 4, 5].map(() => save(alice, product)));

    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect((await alice.get('/api/wishlist')).body['wishes']).toHaveLength(1);
  });
});

describe('noticeWishes', () => {
  test('tells of a lower price once for each drop, and only those who want it', async () => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')];
    const product = await aProduct(seller);
    await save(alice, product);
    await save(bob, product, { notify: false });
    await notice();

    await price(product, 1200);
    expect(await notice()).toBe(0);
    await price(product, 900);
    expect(await notice()).toBe(1);
    expect(await notice()).toBe(0);
    await price(product, 950);
    expect(await notice()).toBe(0);
    await price(product, 800);

    const [one, other] = await Promise.all([notice(), notice()]);
    expect(one + other).toBe(1);
    expect(await inboxOf(alice)).toContain('price_dropped');
    expect(await inboxOf(bob)).toEqual([]);
  });

  test('tells once each time that a product is back', async () => {
    const [alice, product] = [await world.person('alice'), await aProduct(seller)];
    await save(alice, product);

    await stock(product, 0);
    expect(await notice()).toBe(0);
    await stock(product, 5);
    expect(await notice()).toBe(1);
    await stock(product, 4);
    expect(await notice()).toBe(0);
    await stock(product, 0);
    await stock(product, 1);
    await stock(product, 0);
    expect(await notice()).toBe(0);
    await stock(product, 2);
    expect(await notice()).toBe(1);

    expect(await inboxOf(alice)).toContain('back_in_stock');
  });

  test('keeps what it had no time for, and is silent about what is hidden', async () => {
    const [alice, product] = [await world.person('alice'), await aProduct(seller)];
    await save(alice, product);
    await price(product, 500);

    expect(await noticeWishes(world.now(), new Date(world.now().getTime() - 1))).toBe(0);
    await seller.put(`/api/products/${product.id}`, { status: 'paused' });
    expect(await notice()).toBe(0);
    await seller.put(`/api/products/${product.id}`, { status: 'active' });

    expect(await notice()).toBe(1);
  });
});
