import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InventoryReservations } from '#domain/shop/inventory-reservation.model.ts';
import { claimStock, holdStock } from '#domain/shop/stock.ts';
import { StockMovements } from '#domain/shop/stock-movement.model.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Answer } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { eventsAbout, inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

let keys = 0;
const save = ({ id }: AProduct, body: object): Promise<Answer> =>
  seller.put(`/api/products/${id}/variants`, body, { key: `save-${(keys += 1)}` });
const stock = ({ id }: AProduct, body: object, key = `stock-${(keys += 1)}`): Promise<Answer> =>
  seller.post(`/api/products/${id}/inventory`, { reason: 'test', ...body }, { key });
const page = async ({ id }: AProduct) => (await seller.get(`/api/products/${id}`)).body;

const SIZES = [{ name: 'Size', values: ['S', 'M', 'L'] }];
const shirt = (facts: object = {}) => {
  const mark = newId().toHexString();
  return aProduct(seller, {
    options: SIZES,
    variants: [
      { sku: `${mark}-s`, optionValues: { Size: 'S' }, priceMinor: 1000 },
      { sku: `${mark}-m`, optionValues: { Size: 'M' }, priceMinor: 1200 },
    ],
    ...facts,
  });
};
const skusOf = async (product: AProduct) =>
  [...((await page(product))['variants'] ?? [])].map((variant) => String(variant['sku']));

describe('productsVariants', () => {
  test('makes, changes and archives variants at once, and keeps the price range true', async () => {
    const product = await shirt();
    const [small, medium] = await skusOf(product);

    const { status, body } = await save(product, {
      variants: [
        { sku: `${small}-new`, optionValues: { Size: 'L' }, priceMinor: 1500, stock: 4 },
        { sku: small, optionValues: { Size: 'S' }, priceMinor: 800, compareAtMinor: 1000 },
        { sku: medium, optionValues: { Size: 'M' }, priceMinor: 1, archived: true },
      ],
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      product: { price: { minMinor: 800, maxMinor: 1500 }, inStock: true, version: 1 },
      variants: [
        { sku: small, priceMinor: 800, compareAtMinor: 1000, available: 10, version: 1 },
        { sku: `${small}-new`, priceMinor: 1500, available: 4 },
      ],
    });
    expect(await eventsAbout(product.id)).toEqual([
      'product.created',
      'product.updated',
      'price.changed',
    ]);
    const back = await save(product, {
      variants: [{ sku: medium, optionValues: { Size: 'M' }, priceMinor: 900 }],
    });
    expect(back.body['variants']).toHaveLength(3);
  });

  test('changes the options together with the variants, for staff to look at', async () => {
    const product = await shirt();
    const [small, medium] = await skusOf(product);
    const options = [{ name: 'Colour', values: ['red', 'blue'] }];

    const alone = await save(product, {
      options,
      variants: [{ sku: small, optionValues: { Colour: 'red' }, priceMinor: 1000 }],
    });
    const both = await save(product, {
      options,
      variants: [
        { sku: small, optionValues: { Colour: 'red' }, priceMinor: 1000 },
        { sku: medium, optionValues: { Colour: 'blue' }, priceMinor: 1000 },
      ],
    });

    expect(alone.status).toBe(400);
    expect(both.body['product']).toMatchObject({ options, status: 'in_review' });
  });

  test('does all of it or nothing', async () => {
    const [product, other] = [await shirt(), await shirt()];
    const [small, medium] = await skusOf(product);
    const [taken] = await skusOf(other);
    const before = await page(product);
    const refused = async (variants: object[], facts: object = {}) =>
      (await save(product, { variants, ...facts })).body;
    const large = { optionValues: { Size: 'L' }, priceMinor: 5 };
    const gone = { optionValues: {}, priceMinor: 1, archived: true };
    const one = { sku: small, optionValues: { Size: 'S' }, priceMinor: 1 };

    expect(await refused([one, { sku: taken, ...large }])).toMatchObject({ code: 'sku_taken' });
    expect(await refused([one], { version: 7 })).toMatchObject({ current: { version: 0 } });
    const details = async (...variants: object[]) => (await refused(variants))['details']?.at(0);
    expect(await details({ ...one, stock: 3 })).toContain('through its inventory');
    expect(await details({ sku: 'unheard-of', ...gone })).toContain('there is no unheard-of');
    expect(await details(one, one)).toContain('each SKU once');
    expect(await details({ sku: small, ...gone }, { sku: medium, ...gone })).toContain(
      'at least one has to stay',
    );
    const many = Array.from({ length: 99 }, (_, index) => ({ sku: `many-${index}`, ...large }));
    expect(await details(...many)).toContain('at most 100');
    expect(await page(product)).toEqual(before);
  });

  test('lets one of two who change the same thing at once be told so', async () => {
    const product = await shirt();
    const [small] = await skusOf(product);
    const change = (priceMinor: number) =>
      save(product, {
        version: 0,
        variants: [{ sku: small, optionValues: { Size: 'S' }, priceMinor }],
      });

    const answers = await Promise.all([1, 2, 3, 4, 5].map(change));

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
  });
});

describe('productsInventory', () => {
  test('adds, takes and counts, and writes down by whom and why', async () => {
    const product = await aProduct(seller);
    const [variantId = ''] = product.variants;

    const added = await stock(product, { variantId, kind: 'adjust', quantity: 5, version: 0 });
    const taken = await stock(product, { variantId, kind: 'adjust', quantity: -3, version: 1 });
    const counted = await stock(product, {
      ...{ variantId, kind: 'set', quantity: 2, version: 2, reason: 'counted' },
    });

    expect(added.body).toMatchObject({ variant: { available: 15, version: 1 }, onHand: 15 });
    expect(taken.body).toMatchObject({ variant: { available: 12 }, held: 0 });
    expect(counted.body).toMatchObject({ variant: { available: 2, stock: 'low' }, onHand: 2 });
    const rows = await StockMovements.find({ variant: toId(variantId) })
      .sort({ _id: 1 })
      .lean();
    expect(rows.map(({ kind, by, available, reason }) => [kind, by, available, reason])).toEqual([
      ['initial', 10, 10, 'listed'],
      ['adjust', 5, 15, 'test'],
      ['adjust', -3, 12, 'test'],
      ['set', -10, 2, 'counted'],
    ]);
    expect(rows.every(({ actor }) => String(actor) === seller.id)).toBe(true);
  });

  test('counts what is held for checkouts as being there', async () => {
    const product = await aProduct(seller);
    const [variantId = ''] = product.variants;
    const variant = toId<'variant'>(variantId);
    const [checkout, claimed] = [newId<'checkout'>(), newId<'checkout'>()];
    await claimStock(checkout, [{ variant, quantity: 4 }], world.now());
    await claimStock(claimed, [{ variant, quantity: 1 }], world.now());
    const expiresAt = new Date(world.now().getTime() + minutes(15));
    const of = { product: toId<'product'>(product.id), shop: toId<'shop'>(product.shop) };
    const hold = { ...of, checkout, buyer: newId<'user'>(), order: newId<'order'>(), variant };
    await transaction(() => holdStock([{ ...hold, quantity: 4, expiresAt }], world.now()));

    const counted = await stock(product, { variantId, kind: 'set', quantity: 8, version: 0 });
    const tooFew = await stock(product, { variantId, kind: 'set', quantity: 4, version: 1 });

    expect(counted.body).toMatchObject({ variant: { available: 3 }, held: 5, onHand: 8 });
    expect(tooFew.body).toMatchObject({
      ...{ code: 'stock_out_of_range', current: { available: 3, held: 5 } },
    });
    expect(await InventoryReservations.countDocuments({ variant, status: 'held' })).toBe(1);
  });

  test('changes once when one tap is sent five times, and once of five from one version', async () => {
    const product = await aProduct(seller);
    const [variantId] = product.variants;
    const add = (key?: string) =>
      stock(product, { variantId, kind: 'adjust', quantity: 1, version: 0 }, key);

    await Promise.all([add('tap'), add('tap'), add('tap'), add('tap'), add('tap')]);
    expect((await page(product))['variants']?.[0]).toMatchObject({ available: 11, version: 1 });
    const other = await aProduct(seller);
    const [otherId] = other.variants;
    const five = await Promise.all(
      [1, 2, 3, 4, 5].map((quantity) =>
        stock(other, { variantId: otherId, kind: 'adjust', quantity, version: 0 }),
      ),
    );

    expect(five.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
  });

  test('keeps its books true while buyers take', async () => {
    const claims = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(claims, fc.integer({ min: -6, max: 6 }), async (quantities, by) => {
        const product = await aProduct(seller);
        const [variantId = ''] = product.variants;
        const take = async (quantity: number) => {
          const demand = [{ variant: toId<'variant'>(variantId), quantity }];
          return claimStock(newId(), demand, world.now()).then(
            () => quantity,
            () => 0,
          );
        };

        const [changed, ...taken] = await Promise.all([
          stock(product, { variantId, kind: 'adjust', quantity: by, version: 0 }),
          ...quantities.map(take),
        ]);

        const put = changed.status === 200 ? by : 0;
        const gone = taken.reduce((sum, quantity) => sum + quantity, 0);
        const left = Number((await page(product))['variants']?.[0]?.['available']);
        expect(left).toBe(10 + put - gone);
        expect(left).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 6 },
    );
  });

  test('refuses what is not there', async () => {
    const [product, other] = [await aProduct(seller), await aProduct(seller)];
    const [variantId] = product.variants;
    const adjust = { kind: 'adjust', quantity: 1, version: 0 };

    expect((await stock(other, { ...adjust, variantId })).status).toBe(404);
    expect((await stock(product, { ...adjust, variantId, quantity: -11 })).body).toMatchObject({
      code: 'stock_out_of_range',
    });
    const stale = await stock(product, { ...adjust, variantId, version: 3 });
    expect(stale.body).toMatchObject({ code: 'conflict', current: { version: 0, available: 10 } });
  });

  test('tells the seller once that little is left, and shows what is sold out as sold out', async () => {
    const product = await aProduct(seller, { variants: [{ stock: 30 }] });
    const [variantId] = product.variants;
    const set = (quantity: number, version: number) =>
      stock(product, { variantId, kind: 'set', quantity, version });
    const found = async () =>
      (await world.get(`/api/products/search?shop=${product.shop}&inStock=true&limit=100`)).body;
    const told = async () =>
      (await world.realtime(`shop:${product.shop}`)).filter(
        ({ name, data }) => name === 'stock:low' && data['productId'] === product.id,
      );

    await set(3, 0);
    await world.settle();
    await set(0, 1);
    await world.settle();

    expect((await told()).map(({ data }) => data)).toEqual([
      { productId: product.id, variantId, available: expect.any(Number) },
    ]);
    expect(await inboxOf(seller)).toContain('stock_low');
    expect(JSON.stringify(await found())).not.toContain(product.id);
    expect((await page(product))['product']).toMatchObject({ inStock: false });
    await set(20, 2);
    await world.settle();
    expect(JSON.stringify(await found())).toContain(product.id);
    await set(2, 3);
    await world.settle();
    expect(await told()).toHaveLength(2);
  });
});
