import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { saveShop } from '#domain/sellers/save-shop.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { anImage, aProduct, categoryCalled } from '../../support/shop.ts';
import { eventsAbout } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let home: string;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
  home = String(await categoryCalled('home'));
});
afterAll(() => world.stop());
beforeEach(() => changeSetting('shop.reviewMaterialChanges', true));

const wish = (facts: object = {}) => ({
  title: 'Linen apron',
  categoryId: home,
  variants: [{ sku: `apron-${Math.random()}`, priceMinor: 2500, stock: 3 }],
  ...facts,
});
const create = async (facts: object = {}) => {
  const { status, body } = await seller.post('/api/products', wish(facts));
  expect([status, body]).toEqual([201, expect.anything()]);
  return String(body['product']?.['id']);
};
const statusOf = async (id: string) =>
  (await seller.get(`/api/products/${id}`)).body['product']?.['status'];

describe('productsCategories', () => {
  test('shows the default tree from the roots down', async () => {
    const { status, body } = await world.get('/api/products/categories');

    expect(status).toBe(200);
    const categories = JSON.parse(JSON.stringify(body['categories'])) as {
      id: string;
      slug: string;
      parentId: string | null;
    }[];
    const fashion = categories.find(({ slug }) => slug === 'fashion');
    expect(fashion?.parentId).toBeNull();
    expect(categories.find(({ slug }) => slug === 'women')?.parentId).toBe(fashion?.id);
    expect(categories.findIndex(({ slug }) => slug === 'women-shoes')).toBeGreaterThan(
      categories.findIndex(({ slug }) => slug === 'women'),
    );
  });
});

describe('productsCreate', () => {
  test('puts a listing of an open shop on sale at once', async () => {
    const media = [await anImage(seller), await anImage(seller)];

    const { status, body } = await seller.post('/api/products', {
      title: '  Cotton   shirt ',
      description: 'Soft.\nWashed.',
      categoryId: String(await categoryCalled('men-clothing')),
      tags: ['Shirt', 'cotton'],
      media,
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [
        { sku: 'shirt-s', optionValues: { Size: 'S' }, priceMinor: 1900, stock: 20 },
        {
          ...{ sku: 'shirt-m', optionValues: { Size: 'M' }, stock: 2 },
          ...{ priceMinor: 2100, compareAtMinor: 2500, weightGrams: 180 },
        },
      ],
    });

    expect(status).toBe(201);
    const id = String(body['product']?.['id']);
    const guest = await world.get(`/api/products/${id}`);
    expect(guest.body).toMatchObject({
      product: {
        title: 'Cotton shirt',
        description: 'Soft.\nWashed.',
        tags: ['shirt', 'cotton'],
        media: media.map((assetId) => ({ assetId })),
        price: { minMinor: 1900, maxMinor: 2100, currency: 'USD' },
        inStock: true,
        status: 'active',
      },
      variants: [
        { sku: 'shirt-s', stock: 'in_stock', compareAtMinor: null },
        { sku: 'shirt-m', stock: 'low', compareAtMinor: 2500, weightGrams: 180 },
      ],
      shop: { name: expect.any(String) },
    });
    expect(guest.body['product']?.['categoryPath']).toHaveLength(3);
    expect(JSON.stringify(guest.body)).not.toMatch(/"available"|"version"/);
    expect(body['variants']?.[0]).toMatchObject({ available: 20, version: 0 });
    expect(await eventsAbout(id)).toEqual(['product.created']);
  });

  test('lists once when one tap is sent five times', async () => {
    const body = wish();
    const send = () => seller.post('/api/products', body, { key: 'one-tap' });

    const answers = await Promise.all([send(), send(), send(), send(), send()]);

    const ids = answers
      .filter(({ status }) => status === 201)
      .map((one) => one.body['product']?.['id']);
    expect(new Set(ids).size).toBe(1);
    expect((await seller.post('/api/products', body)).body).toMatchObject({ code: 'sku_taken' });
  });

  test('refuses variants that buyers could not tell apart', async () => {
    const options = [{ name: 'Size', values: ['S', 'M'] }];
    const variant = (sku: string, optionValues: object, facts: object = {}) => ({
      ...{ sku, optionValues, priceMinor: 100, ...facts },
    });
    const refused = async (variants: object[]) =>
      (await seller.post('/api/products', wish({ options, variants }))).body['details']?.at(0);

    expect(await refused([variant('a', {})])).toContain('needs one of S, M as its Size');
    expect(await refused([variant('a', { Size: 'L' })])).toContain('needs one of');
    expect(await refused([variant('a', { Size: 'S', Fit: 'slim' })])).toContain('unknown option');
    expect(await refused([variant('a', { Size: 'S' }), variant('b', { Size: 'S' })])).toContain(
      'are the same choice',
    );
    expect(await refused([variant('a', { Size: 'S' }), variant('a', { Size: 'M' })])).toContain(
      'each SKU once',
    );
    expect(await refused([variant('a', { Size: 'S' }, { compareAtMinor: 100 })])).toContain(
      'did not cost more',
    );
  });

  test('asks for what the category asks for, and has staff look at a restricted one', async () => {
    const categoryId = String(await categoryCalled('supplements'));

    const missing = await seller.post('/api/products', wish({ categoryId }));
    const id = await create({ categoryId, attributes: { Ingredients: 'Iron' } });

    expect(missing.body['details']).toEqual(['attributes.Ingredients: is required']);
    expect(await statusOf(id)).toBe('in_review');
    expect((await world.get(`/api/products/${id}`)).status).toBe(404);
    const phones = wish({ categoryId: String(await categoryCalled('phones')) });
    const wrong = await seller.post('/api/products', {
      ...phones,
      attributes: { Condition: 'ok' },
    });
    expect(wrong.body['details']?.at(0)).toContain('must be one of new');
    const unknown = await seller.post('/api/products', wish({ categoryId: 'a'.repeat(24) }));
    expect(unknown.body).toMatchObject({ code: 'unknown_category' });
  });

  test('is for people with a shop, with pictures of their own', async () => {
    const other = await world.person('other');
    const theirs = await anImage(other);

    expect((await other.post('/api/products', wish())).body).toMatchObject({
      code: 'seller_required',
    });
    expect((await seller.post('/api/products', wish({ media: [theirs] }))).status).toBe(404);
    const avatar = await anImage(seller, { purpose: 'avatar' });
    expect((await seller.post('/api/products', wish({ media: [avatar] }))).body).toMatchObject({
      code: 'media_unusable',
    });
    const early = await anImage(seller, { status: 'processing' });
    expect((await seller.post('/api/products', wish({ media: [early] }))).body).toMatchObject({
      code: 'media_not_ready',
    });
  });
});

describe('productsUpdate', () => {
  test('returns to review what is another offer now, and only that', async () => {
    const id = await create();

    await seller.put(`/api/products/${id}`, { description: 'New words', tags: ['kitchen'] });
    expect(await statusOf(id)).toBe('active');
    await seller.put(`/api/products/${id}`, { title: 'Another thing entirely' });

    expect(await statusOf(id)).toBe('in_review');
    expect((await world.get(`/api/products/${id}`)).status).toBe(404);
    expect(await eventsAbout(id)).toEqual([
      'product.created',
      'product.updated',
      'product.updated',
    ]);
  });

  test.each([
    ['category', async () => ({ categoryId: String(await categoryCalled('garden')) })],
    ['media', async () => ({ media: [await anImage(seller)] })],
    ['options', async () => ({ options: [] })],
  ])('does not let a new %s slip by while it is paused', async (_, change) => {
    const facts = {
      options: [{ name: 'Size', values: ['S', 'M'] }],
      variants: [{ sku: `p-${Math.random()}`, optionValues: { Size: 'S' }, priceMinor: 5 }],
    };
    const id = await create(facts);
    await seller.put(`/api/products/${id}`, { status: 'paused' });
    expect(await statusOf(id)).toBe('paused');

    const edit = { ...(await change()) };
    const { status, body } = await seller.put(`/api/products/${id}`, {
      ...edit,
      ...('options' in edit && { options: [{ name: 'Size', values: ['S', 'L'] }] }),
      status: 'active',
    });

    expect([status, body['product']?.['status']]).toEqual([200, 'in_review']);
    const again = await seller.put(`/api/products/${id}`, { status: 'active' });
    expect(again.body).toMatchObject({ code: 'conflict', current: 'in_review' });
  });

  test('leaves a listing on sale where the setting says so', async () => {
    await changeSetting('shop.reviewMaterialChanges', false);
    const id = await create();

    await seller.put(`/api/products/${id}`, { title: 'Another thing' });

    expect(await statusOf(id)).toBe('active');
  });

  test('pauses, resumes and publishes a draft', async () => {
    const id = await create({ status: 'draft' });
    expect((await world.get(`/api/products/${id}`)).status).toBe(404);
    expect((await seller.put(`/api/products/${id}`, { status: 'paused' })).status).toBe(409);

    for (const status of ['active', 'paused', 'active'])
      await seller.put(`/api/products/${id}`, { status });

    expect((await world.get(`/api/products/${id}`)).status).toBe(200);
  });

  test('refuses options that a variant does not fit, and a stale version', async () => {
    const id = await create();

    const options = [{ name: 'Colour', values: ['red'] }];
    expect((await seller.put(`/api/products/${id}`, { options })).status).toBe(400);
    expect((await seller.put(`/api/products/${id}`, { title: 'Once', version: 0 })).status).toBe(
      200,
    );
    const stale = await seller.put(`/api/products/${id}`, { title: 'Twice', version: 0 });
    expect([stale.status, stale.body['current']]).toEqual([409, { version: 1 }]);
  });

  test('takes the commission and the path of a new category along', async () => {
    const id = await create({ status: 'draft' });

    const categoryId = String(await categoryCalled('skin-care'));
    const { body } = await seller.put(`/api/products/${id}`, { categoryId });

    expect(body['product']).toMatchObject({ categoryId });
    expect(body['product']?.['categoryPath']?.at(0)).toBe(String(await categoryCalled('beauty')));
  });
});

describe('productsDelete', () => {
  test('takes a listing off the shelves for good', async () => {
    const { id, variants } = await aProduct(seller);

    expect((await seller.delete(`/api/products/${id}`)).body).toEqual({ success: true });

    expect((await seller.get(`/api/products/${id}`)).status).toBe(404);
    expect((await seller.delete(`/api/products/${id}`)).status).toBe(404);
    expect(variants).toHaveLength(1);
    expect(await eventsAbout(id)).toContain('product.archived');
  });
});

describe('followShop', () => {
  test('hides everything of a shop on holiday, and shows it again', async () => {
    const { id } = await aProduct(seller);
    const listed = async () =>
      (await world.get(`/api/products/search?shop=${shop}`)).body['pagination']?.['total'];
    const shop = String((await seller.get(`/api/products/${id}`)).body['shop']?.['id']);
    const before = await listed();

    await saveShop(toId(seller.id), { holiday: true }, world.now());
    expect((await world.get(`/api/products/${id}`)).status).toBe(404);
    await world.settle();

    expect(Number(before)).toBeGreaterThan(0);
    expect(await listed()).toBe(0);
    expect((await seller.get(`/api/products/${id}`)).status).toBe(200);
    await saveShop(toId(seller.id), { holiday: false }, world.now());
    await world.settle();
    expect(await listed()).toBe(before);
    expect((await world.get(`/api/products/${id}`)).status).toBe(200);
  });
});
