import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CartItems } from '#domain/cart/cart-item.model.ts';
import { Shops } from '#domain/sellers/shop.model.ts';
import { type ProductVariant, ProductVariants } from '#domain/shop/product-variant.model.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { intoCart } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld({ background: false });
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

const cartOf = async (person: Person) => (await person.get('/api/cart')).body;
const changeVariant = (id: string | undefined, change: Partial<ProductVariant>) =>
  ProductVariants.updateOne({ _id: toId<'variant'>(id ?? '') }, { $set: change });
const eventsOf = async (product: string) =>
  (await OutboxEvents.find({ key: product, topic: 'engagement' }).sort({ _id: 1 }).lean()).map(
    ({ payload }) => payload,
  );
const TWO_SIZES = {
  options: [{ name: 'Size', values: ['S', 'M'] }],
  variants: [
    { optionValues: { Size: 'S' }, priceMinor: 500 },
    { optionValues: { Size: 'M' }, priceMinor: 700 },
  ],
};

describe('cartGet', () => {
  test('shows an empty cart to who has never had one, and makes none', async () => {
    const alice = await world.person('alice');

    const cart = await cartOf(alice);

    expect(cart).toMatchObject({
      cart: { id: null, currency: 'USD', version: 0, codes: [] },
      items: [],
      totals: { quantity: 0, totalMinor: 0 },
      issues: [],
    });
  });

  test('checks prices and stock each time it is asked', async () => {
    const alice = await world.person('alice');
    const [dear, rare, gone, lost] = [
      await aProduct(seller, { variants: [{ priceMinor: 300 }] }),
      await aProduct(seller, { variants: [{ stock: 3 }] }),
      await aProduct(seller),
      await aProduct(seller),
    ];
    const items = [
      await intoCart(alice, dear),
      await intoCart(alice, rare, { quantity: 3 }),
      await intoCart(alice, gone),
      await intoCart(alice, lost),
    ];
    await changeVariant(dear.variants[0], { priceMinor: 350 });
    await changeVariant(rare.variants[0], { available: 2 });
    await changeVariant(gone.variants[0], { available: 0 });
    await changeVariant(lost.variants[0], { status: 'archived' });

    const { issues, totals, items: shown } = await cartOf(alice);

    expect(issues).toEqual([
      { code: 'price_changed', itemId: items[0] },
      { code: 'not_enough_stock', itemId: items[1] },
      { code: 'sold_out', itemId: items[2] },
      { code: 'not_offered', itemId: items[3] },
    ]);
    expect(shown?.[0]).toMatchObject({ priceMinor: 350, priceSeenMinor: 300, itemsMinor: 350 });
    expect(totals).toMatchObject({ quantity: 4, itemsMinor: 3350, totalMinor: 3350 });
  });

  test('says so when the shop is closed, and when the goods are one’s own', async () => {
    const alice = await world.person('alice');
    const other = await world.person('other');
    await aShop(world, other);
    const product = await aProduct(other);
    await intoCart(alice, product);
    await intoCart(other, product);

    expect((await cartOf(other))['issues']).toMatchObject([{ code: 'own_product' }]);
    await Shops.updateOne({ owner: other.id }, { $set: { status: 'holiday' } });
    expect(await cartOf(alice)).toMatchObject({
      issues: [{ code: 'shop_closed' }],
      totals: { totalMinor: 0 },
    });
  });
});

describe('cartAdd', () => {
  test('puts something in, keeps where it was seen, and merges what is there already', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller);
    const source = { contentId: 'a'.repeat(24), affiliateId: 'b'.repeat(24) };

    const first = await alice.post('/api/cart/items', { productId: product.id, source });
    const again = await alice.post('/api/cart/items', {
      ...{ productId: product.id, variantId: product.variants[0] },
      quantity: 2,
    });

    expect(first).toMatchObject({
      status: 201,
      body: { item: { quantity: 1, priceMinor: 1000, selected: true }, totals: { quantity: 1 } },
    });
    expect(again.body).toMatchObject({
      item: { id: first.body['item']?.['id'], quantity: 3, itemsMinor: 3000 },
      totals: { totalMinor: 3000 },
    });
    const row = await CartItems.findById(first.body['item']?.['id']).lean();
    expect(row?.source).toEqual({
      content: toId(source.contentId),
      affiliate: toId(source.affiliateId),
    });
    expect(await eventsOf(product.id)).toMatchObject([
      { type: 'cart.added', data: { quantity: 1, contentId: source.contentId } },
      { type: 'cart.added', data: { quantity: 2 } },
    ]);
  });

  test('adds ten taps at once to exactly ten', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller);
    const add = () => alice.post('/api/cart/items', { productId: product.id });

    const answers = await Promise.all(Array.from({ length: 10 }, add));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    const { items, cart } = await cartOf(alice);
    expect(items).toMatchObject([{ quantity: 10 }]);
    expect(cart).toMatchObject({ version: 10 });
  });

  test('adds once what is sent twice with one key', async () => {
    const alice = await world.person('alice');
    const wish = { productId: (await aProduct(seller)).id };

    await alice.post('/api/cart/items', wish, { key: 'tap' });
    await alice.post('/api/cart/items', wish, { key: 'tap' });

    expect((await cartOf(alice))['totals']).toMatchObject({ quantity: 1 });
  });

  test('asks which variant where there are several', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller, TWO_SIZES);

    const unsaid = await alice.post('/api/cart/items', { productId: product.id });
    const said = await alice.post('/api/cart/items', {
      productId: product.id,
      variantId: product.variants[1],
    });

    expect(unsaid).toMatchObject({ status: 400, body: { field: 'variantId' } });
    expect(said.body['item']).toMatchObject({ priceMinor: 700, optionValues: { Size: 'M' } });
  });

  test('takes only what is offered', async () => {
    const alice = await world.person('alice');
    const [shown, draft, other] = [
      await aProduct(seller),
      await aProduct(seller, { publish: false }),
      await aProduct(seller),
    ];
    const add = async (productId: string, variantId?: string) =>
      (await alice.post('/api/cart/items', { productId, variantId })).status;

    expect(await add(draft.id)).toBe(404);
    expect(await add('f'.repeat(24))).toBe(404);
    expect(await add(shown.id, other.variants[0])).toBe(404);
    expect(await add(shown.id, 'f'.repeat(24))).toBe(404);
    await changeVariant(shown.variants[0], { status: 'archived' });
    expect(await add(shown.id)).toBe(404);
    expect(await add(shown.id, shown.variants[0])).toBe(404);
    expect((await cartOf(alice))['items']).toEqual([]);
  });

  test('holds so many lines and so many of one, and no more', async () => {
    const alice = await world.person('alice');
    const [first, second] = [await aProduct(seller), await aProduct(seller)];
    await changeSetting('cart.maxItems', 1);
    await intoCart(alice, first, { quantity: 998 });

    const more = await alice.post('/api/cart/items', { productId: first.id, quantity: 2 });
    const another = await alice.post('/api/cart/items', { productId: second.id });
    await changeSetting('cart.maxItems', 100);

    expect(more).toMatchObject({ status: 409, body: { code: 'cart_full' } });
    expect(another).toMatchObject({ status: 409, body: { code: 'cart_full' } });
    expect((await cartOf(alice))['items']).toMatchObject([{ quantity: 998 }]);
  });
});

describe('cartUpdateItem', () => {
  test('changes how many, and takes out what is to be none', async () => {
    const alice = await world.person('alice');
    const item = await intoCart(alice, await aProduct(seller));
    const set = (quantity: number) => alice.put(`/api/cart/items/${item}`, { quantity });

    expect((await set(4)).body).toMatchObject({
      item: { quantity: 4 },
      totals: { totalMinor: 4000 },
    });
    expect((await set(0)).body).toMatchObject({ item: null, totals: { quantity: 0 } });
    expect((await set(1)).status).toBe(404);
    expect((await alice.put(`/api/cart/items/${item}`, {})).status).toBe(400);
  });

  test('leaves out of the sum what is not for the next checkout', async () => {
    const alice = await world.person('alice');
    const [now, later] = [
      await intoCart(alice, await aProduct(seller, { variants: [{ priceMinor: 100 }] })),
      await intoCart(alice, await aProduct(seller, { variants: [{ priceMinor: 20 }] })),
    ];

    const { body } = await alice.put(`/api/cart/items/${later}`, { selected: false });

    expect(body).toMatchObject({ item: { selected: false }, totals: { totalMinor: 100 } });
    expect((await cartOf(alice))['items']).toMatchObject([{ id: now }, { id: later }]);
  });

  test('agrees to a price that has changed', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(seller);
    const item = await intoCart(alice, product);
    await changeVariant(product.variants[0], { priceMinor: 900 });

    const { body } = await alice.put(`/api/cart/items/${item}`, { selected: true });

    expect(body['item']).toMatchObject({ priceSeenMinor: 900, issues: [] });
  });
});

describe('cartRemoveItem', () => {
  test('takes a line out, once', async () => {
    const alice = await world.person('alice');
    const [kept, item] = [
      await intoCart(alice, await aProduct(seller)),
      await intoCart(alice, await aProduct(seller)),
    ];
    const remove = () => alice.delete(`/api/cart/items/${item}`);

    expect((await remove()).body).toMatchObject({ success: true, totals: { quantity: 1 } });
    expect((await remove()).status).toBe(404);
    expect((await cartOf(alice))['items']).toMatchObject([{ id: kept }]);
  });
});
