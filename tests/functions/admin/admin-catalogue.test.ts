import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminActions } from '#domain/admin/admin-action.model.ts';
import { Categories } from '#domain/shop/category.model.ts';
import { Products } from '#domain/shop/product.model.ts';
import { newId, toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  staff = await staffMember(world, ['catalogue.write']);
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

let keys = 0;
const put = (kind: string, id: string, body: object) =>
  staff.put(
    `/api/admin/catalogue/${kind}/${id}`,
    { kind, reason: 'test', ...body },
    {
      key: `catalogue-${(keys += 1)}`,
    },
  );
const category = (slug: string, facts: object = {}) =>
  put('category', slug, { parent: null, name: { en: slug }, ...facts });

describe('adminCatalogue of categories', () => {
  test('makes and changes them, and writes into the trail who did what', async () => {
    const made = await category('music', { parent: 'home', name: { en: 'Music', de: 'Musik' } });

    expect(made.body['category']).toMatchObject({ slug: 'music', name: { de: 'Musik' } });
    const { body } = await world.get('/api/products/categories');
    expect(JSON.stringify(body)).toContain('Musik');
    await category('music', { parent: 'home', attributes: [{ name: 'Format', required: true }] });
    const id = toId(String(made.body['category']?.['id']));
    const deeds = await AdminActions.find({ 'target.id': id }).sort({ _id: 1 }).lean();
    expect(deeds).toMatchObject([
      { action: 'catalogue.category', before: null, after: { slug: 'music' }, reason: 'test' },
      { before: { attributes: [] }, after: { attributes: [{ name: 'Format' }] } },
    ]);
  });

  test('bring the commission of all products below along', async () => {
    await category('tools', { commissionBps: 900 });
    await category('saws', { parent: 'tools' });
    await category('drills', { parent: 'tools', commissionBps: 300 });
    const [saw, drill] = [
      await aProduct(seller, { category: 'saws' }),
      await aProduct(seller, { category: 'drills' }),
    ];
    const kept = async ({ id }: { readonly id: string }) =>
      (await Products.findById(toId(id)).lean())?.commissionBps;
    expect([await kept(saw), await kept(drill)]).toEqual([900, 300]);

    await category('tools', { commissionBps: 100 });
    await world.settle();
    expect([await kept(saw), await kept(drill)]).toEqual([100, 300]);
    await category('tools');
    await category('drills', { parent: 'tools' });
    await world.settle();

    expect([await kept(saw), await kept(drill)]).toEqual([undefined, undefined]);
  });

  test('refuses another parent, one that is not there, and a tree that is too deep', async () => {
    await category('branch-1');
    for (const depth of [2, 3, 4, 5])
      await category(`branch-${depth}`, { parent: `branch-${depth - 1}` });

    const deep = await category('branch-6', { parent: 'branch-5' });
    expect(deep.body).toMatchObject({ code: 'tree_full' });
    expect((await category('branch-2')).body).toMatchObject({ code: 'conflict' });
    expect((await category('lonely', { parent: 'nobody' })).body).toMatchObject({
      code: 'unknown_category',
    });
    const mismatch = await put('category', 'x', { kind: 'product', decision: 'approve' });
    expect(mismatch.status).toBe(400);
    expect(await Categories.findOne({ slug: 'lonely' })).toBeNull();
  });
});

describe('adminCatalogue of products', () => {
  test('approves what waits for review and rejects with a reason for the seller', async () => {
    const { id } = await aProduct(seller);
    await seller.put(`/api/products/${id}`, { title: 'Entirely new' });

    const approved = await put('product', id, { decision: 'approve' });
    expect(approved.body['product']).toMatchObject({ status: 'active', rejection: null });
    expect((await world.get(`/api/products/${id}`)).status).toBe(200);
    const again = await put('product', id, { decision: 'approve' });
    expect(again.body).toMatchObject({ code: 'conflict', current: 'active' });
    await put('product', id, { decision: 'reject', reason: 'Not allowed here' });
    await world.settle();

    expect((await world.get(`/api/products/${id}`)).status).toBe(404);
    const mine = await seller.get(`/api/products/${id}`);
    expect(mine.body['product']).toMatchObject({
      ...{ status: 'rejected', rejection: 'Not allowed here' },
    });
    expect(await inboxOf(seller)).toContain('account_notice');
    const resumed = await seller.put(`/api/products/${id}`, { status: 'active' });
    expect(resumed.body).toMatchObject({ code: 'conflict', current: 'rejected' });
    const mended = await seller.put(`/api/products/${id}`, { title: 'Something allowed' });
    expect(mended.body['product']).toMatchObject({ status: 'in_review' });
    expect(mended.body['product']?.['rejection']).toBeUndefined();
  });

  test('puts products on the front page in an order, and takes them off', async () => {
    const [one, two, three] = [
      await aProduct(seller, { title: 'One' }),
      await aProduct(seller, { title: 'Two' }),
      await aProduct(seller, { title: 'Three' }),
    ];
    for (const [index, { id }] of [two, three, one].entries())
      await put('product', id, { featuredRank: index });
    const featured = async (query = '') => {
      const { body } = await world.get(`/api/products/featured?${query}`);
      return { titles: body['products']?.map((entry) => String(entry['title'])), body };
    };

    expect((await featured()).titles).toEqual(['Two', 'Three', 'One']);
    const first = await featured('limit=2');
    const cursor = encodeURIComponent(String(first.body['nextCursor']));
    expect((await featured(`limit=2&cursor=${cursor}`)).titles).toEqual(['One']);
    await put('product', three.id, { featuredRank: null });
    await put('product', one.id, { decision: 'reject' });
    await seller.delete(`/api/products/${two.id}`);

    expect((await featured()).titles).toEqual([]);
    expect((await put('product', one.id, { featuredRank: 1 })).status).toBe(409);
  });

  test('decides something, about something that is there', async () => {
    const { id } = await aProduct(seller);

    expect((await put('product', id, {})).status).toBe(400);
    expect((await put('product', 'not-an-id', { featuredRank: 1 })).status).toBe(404);
    expect((await put('product', newId().toHexString(), { featuredRank: 1 })).status).toBe(404);
  });
});
