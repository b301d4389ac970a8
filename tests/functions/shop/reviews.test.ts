import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Orders } from '#domain/orders/order.model.ts';
import { Reviews } from '#domain/shop/review.model.ts';
import { days } from '#platform/clock.ts';
import { newId, toId } from '#platform/id.ts';
import type { Body } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, anImage, aProduct } from '../../support/shop.ts';
import { inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let shop: string;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  shop = (await aShop(world, seller)).id;
});
afterAll(() => world.stop());

/** A line of an order that has arrived, as checkout and delivery leave it. */
async function bought(buyer: Person, { id, variants }: AProduct, facts: object = {}) {
  const line = newId<'line'>();
  await Orders.collection.insertOne({
    ...{ _id: newId(), orderNo: line.toHexString(), buyer: toId(buyer.id), status: 'delivered' },
    ...{ shop: toId(shop), seller: toId(seller.id), checkout: newId(), version: 0 },
    lines: [{ id: line, product: toId(id), variant: toId(variants[0] ?? '') }],
    ...facts,
  } as never);
  return line.toHexString();
}

let keys = 0;
const review = (buyer: Person, { id }: AProduct, body: object, key = `review-${(keys += 1)}`) =>
  buyer.post(`/api/products/${id}/reviews`, body, { key });
const ratingOf = async ({ id }: AProduct) =>
  (await world.get(`/api/products/${id}`)).body['product']?.['rating'];
const listed = async ({ id }: AProduct, query = ''): Promise<Body[]> => [
  ...((await world.get(`/api/products/${id}/reviews?${query}`)).body['reviews'] ?? []),
];

/** A product with a review of somebody who bought it. */
async function reviewed(rating = 4) {
  const [buyer, product] = [await world.person('buyer'), await aProduct(seller)];
  const lineId = await bought(buyer, product);
  const { body } = await review(buyer, product, { rating, text: 'Fine', lineId });
  return { buyer, product, id: String(body['review']?.['id']) };
}

describe('reviewsCreate', () => {
  test('takes one review of what was bought and has arrived, and tells the seller', async () => {
    const [buyer, product] = [await world.person('buyer'), await aProduct(seller)];
    const lineId = await bought(buyer, product);
    const media = [await anImage(buyer, { purpose: 'review' })];

    const wish = { rating: 5, text: ' Very\u202e good ', media, lineId };
    const { status, body } = await review(buyer, product, wish);

    expect(status).toBe(201);
    expect(body['review']).toMatchObject({
      ...{ rating: 5, text: 'Very good', author: { id: buyer.id }, helpful: 0, reply: null },
      ...{ variantId: product.variants[0], media: [{ assetId: media[0] }] },
    });
    expect((await review(buyer, product, wish)).body).toMatchObject({ code: 'already_reviewed' });
    await world.settle();
    expect(await ratingOf(product)).toEqual({ average: 500, count: 1 });
    expect(await inboxOf(seller)).toContain('review_received');
    const shown = await world.get(`/api/products/${product.id}`);
    expect(Number(shown.body['shop']?.['rating'])).toBeGreaterThan(0);
  });

  test('is not for what somebody else bought, what is on its way, or another product', async () => {
    const [buyer, other] = [await world.person('buyer'), await world.person('other')];
    const [product, another] = [await aProduct(seller), await aProduct(seller)];
    const lineId = await bought(buyer, product);
    const early = await bought(buyer, product, { status: 'shipped' });
    const wish = { rating: 1, lineId };

    expect((await review(other, product, wish)).status).toBe(404);
    expect((await review(buyer, another, wish)).status).toBe(404);
    expect((await review(buyer, product, { ...wish, lineId: early })).body).toMatchObject({
      ...{ code: 'conflict', current: 'shipped' },
    });
    expect((await review(buyer, product, { ...wish, rating: 6 })).status).toBe(400);
    const theirs = [await anImage(other, { purpose: 'review' })];
    expect((await review(buyer, product, { ...wish, media: theirs })).status).toBe(404);
  });

  test('counts every one of many who review at once, and one who taps five times once', async () => {
    const product = await aProduct(seller);
    const buyers = await Promise.all([1, 2, 3, 4, 5].map(() => world.person('buyer')));
    const lines = await Promise.all(buyers.map((buyer) => bought(buyer, product)));

    await Promise.all(
      buyers.flatMap((buyer, index) => {
        const wish = { rating: index + 1, lineId: lines[index] };
        return [1, 2].map(() => review(buyer, product, wish, `tap-${lines[index]}`));
      }),
    );
    await world.settle();

    expect(await ratingOf(product)).toEqual({ average: 300, count: 5 });
  });
});

describe('reviewsUpdate', () => {
  test('lets the author edit for some days, and the average follows', async () => {
    const { buyer, product, id } = await reviewed(4);
    const edit = (body: object) =>
      buyer.put(`/api/products/reviews/${id}`, { action: 'edit', ...body });

    const media = [await anImage(buyer, { purpose: 'review' })];
    const edited = await edit({ rating: 1, text: 'It broke', media });
    await world.settle();

    expect(edited.body['review']).toMatchObject({ rating: 1, text: 'It broke', helpful: 0 });
    expect(edited.body['review']?.['editedAt']).not.toBeNull();
    expect(await ratingOf(product)).toEqual({ average: 100, count: 1 });
    expect(await listed(product, 'media=true')).toHaveLength(1);
    const written = new Date(world.now().getTime() - days(31));
    await Reviews.collection.updateOne({ _id: toId(id) }, { $set: { createdAt: written } });
    expect((await edit({ text: 'Too late' })).body).toMatchObject({ code: 'review_closed' });
  });

  test('lets the seller answer, and only the seller', async () => {
    const { buyer, product, id } = await reviewed();
    const reply = (who: Person, text: string) =>
      who.put(`/api/products/reviews/${id}`, { action: 'reply', text });

    expect((await reply(buyer, 'Thanks, me')).status).toBe(404);
    expect((await reply(seller, 'Thank you')).status).toBe(200);
    await reply(seller, 'Thank you very much');
    await world.settle();

    expect((await listed(product))[0]?.['reply']).toMatchObject({ text: 'Thank you very much' });
    expect(await inboxOf(buyer)).toContain('review_replied');
  });

  test('counts each reader once who finds it helpful', async () => {
    const { buyer, product, id } = await reviewed();
    const reader = await world.person('reader');
    const mark = (who: Person, helpful: boolean) =>
      who.put(`/api/products/reviews/${id}`, { action: 'helpful', helpful });

    await Promise.all([mark(reader, true), mark(reader, true), mark(reader, true)]);
    const both = await mark(seller, true);
    expect(both.body['review']).toMatchObject({ helpful: 2, marked: true });
    await mark(seller, false);
    await mark(seller, false);

    expect(await listed(product)).toMatchObject([{ helpful: 1 }]);
    const mine = await reader.get(`/api/products/${product.id}/reviews`);
    expect(mine.body['reviews']?.[0]).toMatchObject({ marked: true });
    expect((await mark(buyer, true)).status).toBe(404);
    await buyer.put(`/api/users/${reader.id}/relation`, { action: 'block' });
    expect((await mark(reader, false)).status).toBe(404);
  });
});

describe('reviewsList', () => {
  test('filters by stars, media and variant, in either order', async () => {
    const product = await aProduct(seller, { variants: [{ sku: `v-${Math.random()}` }] });
    const [one, two, three] = [
      await world.person('one'),
      await world.person('two'),
      await world.person('three'),
    ];
    const media = [await anImage(two, { purpose: 'review' })];
    await review(one, product, { rating: 5, text: 'A', lineId: await bought(one, product) });
    const wish = { rating: 2, text: 'B', media, lineId: await bought(two, product) };
    const { body } = await review(two, product, wish);
    const other = newId().toHexString();
    const lines = { lines: [{ id: toId(other), product: toId(product.id), variant: newId() }] };
    await bought(three, product, lines);
    await review(three, product, { rating: 5, text: 'C', lineId: other });
    await one.put(`/api/products/reviews/${String(body['review']?.['id'])}`, {
      ...{ action: 'helpful', helpful: true },
    });
    const texts = async (query: string) =>
      (await listed(product, query)).map((entry) => String(entry['text'])).join('');

    expect(await texts('')).toBe('CBA');
    expect(await texts('sort=helpful')).toBe('BCA');
    expect(await texts('rating=5')).toBe('CA');
    expect(await texts('media=true')).toBe('B');
    expect(await texts('media=false')).toBe('CA');
    expect(await texts(`variant=${product.variants[0]}`)).toBe('BA');
    await one.put(`/api/users/${two.id}/relation`, { action: 'block' });
    const mine = await one.get(`/api/products/${product.id}/reviews`);
    expect(mine.body['reviews']).toHaveLength(2);
    expect((await one.get(`/api/products/${newId()}/reviews`)).status).toBe(404);
  });
});
