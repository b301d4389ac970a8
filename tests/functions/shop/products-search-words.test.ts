import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Products } from '#domain/shop/product.model.ts';
import { toId } from '#platform/id.ts';
import productWords from '../../../infra/migrations/data/2026-11-25-product-words.ts';
import type { Body } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct, categoryCalled } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

const LANTERNS = 23;

let world: World;
let seller: Person;
let shop: string;
beforeAll(async () => {
  world = await startWorld({ background: false });
  seller = await world.person('seller');
  const other = await world.person('other');
  shop = (await aShop(world, seller)).id;
  await aShop(world, other);
  for (let sold = 1; sold <= LANTERNS; sold += 1)
    await place(`Paper lantern ${sold}`, { soldCount: sold, average: sold * 10 });
  const glass = { category: 'kitchen', tags: ['paper'], soldCount: 99, average: 480 };
  await place('Lantern of glass', glass);
  await aProduct(other, { title: 'Paper lantern of another shop' });
  await aProduct(seller, { title: 'Paper lantern, a draft', publish: false });
  await aProduct(seller, { title: 'Paper plane' });
});
afterAll(() => world.stop());

interface Facts {
  readonly category?: string;
  readonly tags?: readonly string[];
  readonly soldCount: number;
  readonly average: number;
}

async function place(title: string, { soldCount, average, ...facts }: Facts): Promise<void> {
  const variants = [{ priceMinor: 1000 + (soldCount % 4), stock: 5 }];
  const { id } = await aProduct(seller, { category: 'sport', title, variants, ...facts });
  const numbers = { soldCount, 'rating.average': average };
  await Products.updateOne({ _id: toId(id) }, { $set: numbers });
}

const search = async (query: string): Promise<Body> => {
  const { status, body } = await world.get(`/api/products/search?${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
};
const titlesIn = (body: Body) => body['products']?.map((product) => String(product['title'])) ?? [];
const titles = async (query: string) => titlesIn(await search(query));

describe('productsSearch', () => {
  test('shows only what has all of the words where that is enough, by title and by sales', async () => {
    const body = await search('q=lantern PAPER&limit=30');

    const found = titlesIn(body);
    expect(found).toHaveLength(LANTERNS + 2);
    expect(found.slice(0, 2)).toEqual(['Paper lantern 23', 'Paper lantern 22']);
    expect(found.slice(-2)).toEqual(['Paper lantern of another shop', 'Lantern of glass']);
    expect(body).toMatchObject({ pagination: { total: 25 }, facets: { total: 25 } });
  });

  test('keeps to shop, category and property', async () => {
    const ofShop = await titles(`q=paper lantern&shop=${shop}&limit=30`);

    expect(ofShop).toHaveLength(LANTERNS + 1);
    expect(ofShop).not.toContain('Paper lantern of another shop');
    const sport = String(await categoryCalled('sport'));
    expect(await titles(`q=lantern&category=${sport}&limit=30`)).toHaveLength(LANTERNS);
    expect(await titles('q=paper lantern&minPrice=1003&maxPrice=1003&inStock=true')).toHaveLength(
      7,
    );
  });

  test.each(['relevance', 'newest', 'price_asc', 'price_desc', 'bestselling', 'rating'])(
    'meets all that has the words exactly once by %s',
    async (sort) => {
      const all = await titles(`q=paper lantern&sort=${sort}&limit=30`);

      const walked: string[] = [];
      let cursor = '';
      do {
        const body = await search(`q=paper lantern&sort=${sort}&limit=7${cursor}`);
        walked.push(...titlesIn(body));
        cursor = body['nextCursor']
          ? `&cursor=${encodeURIComponent(String(body['nextCursor']))}`
          : '';
      } while (cursor);
      expect(new Set(all).size).toBe(LANTERNS + 2);
      expect(walked).toEqual(all);
    },
  );

  test('falls back on what has any of the words', async () => {
    const found = await titles('q=paper plane&limit=50');

    expect(found).toHaveLength(LANTERNS + 3);
    expect(found[0]).toBe('Paper plane');
  });

  test('goes by the words a listing has now', async () => {
    const { id } = await aProduct(seller, { title: 'Copper kettle' });

    const { status } = await seller.put(`/api/products/${id}`, {
      ...{ title: 'Brass kettle', tags: ['Whistling'] },
    });

    expect(status).toBe(200);
    expect((await Products.findById(id).lean())?.words).toEqual(['brass', 'kettle', 'whistling']);
    expect(await titles('q=copper')).toEqual([]);
  });

  test('finds listings from before words were kept, and a migration gives them theirs once', async () => {
    const garden = { title: 'Garden chair, folding' };
    await aProduct(seller, { ...garden, tags: ['garden furniture'] });
    const before = await Products.findOne(garden).lean();
    await Products.updateOne(garden, { $unset: { words: 1 } });

    expect(await titles('q=furniture')).toEqual([garden.title]);
    expect([await productWords.up(), await productWords.up()]).toEqual([1, 0]);
    expect(before?.words).toEqual(['garden', 'chair', 'folding', 'furniture']);
    expect((await Products.findOne(garden).lean())?.words).toEqual(before?.words);
  });
});
