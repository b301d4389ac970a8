import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Products } from '#domain/shop/product.model.ts';
import { toId } from '#platform/id.ts';
import type { Body } from '../../support/caller.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct, categoryCalled } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let shop: string;
let home: string;
let kitchen: string;
beforeAll(async () => {
  world = await startWorld({ background: false });
  const seller = await world.person('seller');
  const other = await world.person('other');
  shop = (await aShop(world, seller)).id;
  await aShop(world, other);
  [home, kitchen] = [String(await categoryCalled('home')), String(await categoryCalled('kitchen'))];
  const place = async (
    title: string,
    [category, priceMinor, stock, soldCount, average]: [string, number, number, number, number],
    tags: string[] = [],
  ) => {
    const { id } = await aProduct(seller, {
      ...{ title, category, tags, variants: [{ priceMinor, stock }] },
    });
    const numbers = { soldCount, rating: { average, count: 1, stars: 1 } };
    await Products.updateOne({ _id: toId(id) }, { $set: numbers });
  };
  await place('Blue teapot', ['kitchen', 3000, 5, 10, 450]);
  await place('Red teapot', ['kitchen', 900, 0, 40, 300], ['blue']);
  await place('Blue vase', ['decoration', 12_000, 1, 30, 200]);
  await place('Garden chair', ['garden', 60_000, 9, 20, 500]);
  await place('Running shoes', ['sport', 7000, 9, 50, 400]);
  await aProduct(other, { title: 'Blue teapot of another shop', category: 'kitchen' });
  await aProduct(seller, { title: 'Blue draft', publish: false });
});
afterAll(() => world.stop());

const search = async (query: string): Promise<Body> => {
  const { status, body } = await world.get(`/api/products/search?${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
};
const titlesIn = (body: Body) => body['products']?.map((product) => String(product['title']));
const titles = async (query: string) => titlesIn(await search(query));

describe('productsSearch', () => {
  test('ranks by where and how often the words are found', async () => {
    const body = await search('q=BLUE teapot');

    expect(titlesIn(body)).toEqual([
      'Blue teapot of another shop',
      'Blue teapot',
      'Red teapot',
      'Blue vase',
    ]);
    expect(body['products']?.[0]).toMatchObject({ shop: { name: expect.any(String) } });
    expect(body['pagination']).toMatchObject({ total: 4 });
  });

  test('takes words for words, whatever stands between them', async () => {
    expect(await titles(`q=${encodeURIComponent('-vase "$where')}`)).toEqual(['Blue vase']);
    expect((await world.get('/api/products/search?q=%22-%22')).status).toBe(400);
    expect((await world.get('/api/products/search?q[$ne]=x')).status).toBe(400);
    expect(await titles('q=nothinglikethis')).toEqual([]);
  });

  test('finds in a category what lies in those below it', async () => {
    const found = await titles(`category=${home}&sort=bestselling`);

    expect(found).toEqual([
      'Red teapot',
      'Blue vase',
      'Garden chair',
      'Blue teapot',
      'Blue teapot of another shop',
    ]);
    expect(await titles(`category=${home}&shop=${shop}`)).toHaveLength(4);
    expect(await titles(`category=${kitchen}&shop=${shop}`)).toEqual(['Red teapot', 'Blue teapot']);
    expect(await titles(`category=${'a'.repeat(24)}`)).toEqual([]);
  });

  test.each([
    ['newest', ['Running shoes', 'Garden chair', 'Blue vase', 'Red teapot', 'Blue teapot']],
    ['price_asc', ['Red teapot', 'Blue teapot', 'Running shoes', 'Blue vase', 'Garden chair']],
    ['price_desc', ['Garden chair', 'Blue vase', 'Running shoes', 'Blue teapot', 'Red teapot']],
    ['bestselling', ['Running shoes', 'Red teapot', 'Blue vase', 'Garden chair', 'Blue teapot']],
    ['rating', ['Garden chair', 'Blue teapot', 'Running shoes', 'Red teapot', 'Blue vase']],
  ])('sorts by %s, and walks there by cursor', async (sort, expected) => {
    expect(await titles(`shop=${shop}&sort=${sort}`)).toEqual(expected);

    const walked = await walk(`shop=${shop}&sort=${sort}&limit=2`);

    expect(walked).toEqual(expected);
  });

  test.each(['relevance', 'newest', 'price_asc', 'price_desc', 'bestselling', 'rating'])(
    'sorts what has the words by %s, and walks there by cursor',
    async (sort) => {
      const all = await titles(`q=blue&sort=${sort}`);

      expect(all?.toSorted()).toEqual([
        'Blue teapot',
        'Blue teapot of another shop',
        'Blue vase',
        'Red teapot',
      ]);
      expect(await walk(`q=blue&sort=${sort}&limit=1`)).toEqual(all);
    },
  );

  test('filters by price, stars and stock', async () => {
    expect(await titles(`shop=${shop}&minPrice=3000&maxPrice=7000&sort=price_asc`)).toEqual([
      'Blue teapot',
      'Running shoes',
    ]);
    expect(await titles(`shop=${shop}&rating=4&sort=rating`)).toEqual([
      'Garden chair',
      'Blue teapot',
      'Running shoes',
    ]);
    expect(await titles('q=red&inStock=true')).toEqual([]);
    expect(await titles('q=red&inStock=false')).toEqual(['Red teapot']);
    expect((await world.get('/api/products/search?minPrice=2&maxPrice=1')).status).toBe(400);
  });

  test('counts what was found by category and by band of price', async () => {
    const { facets } = (await search(`shop=${shop}`)) as { readonly facets?: Body };

    expect(facets).toMatchObject({
      total: 5,
      prices: [
        { fromMinor: 0, belowMinor: 1000, count: 1 },
        { fromMinor: 2500, belowMinor: 5000, count: 1 },
        { fromMinor: 5000, belowMinor: 10_000, count: 1 },
        { fromMinor: 10_000, belowMinor: 25_000, count: 1 },
        { fromMinor: 50_000, belowMinor: null, count: 1 },
      ],
    });
    expect(facets?.['categories']?.at(0)).toEqual({ categoryId: kitchen, count: 2 });
    const second = await search(`shop=${shop}&limit=1&cursor=${await cursorOf(`shop=${shop}`)}`);
    expect(second['facets']).toBeUndefined();
  });

  test('takes a cursor only for the search it came from', async () => {
    const cursor = await cursorOf(`shop=${shop}`);

    const other = await world.get(`/api/products/search?category=${home}&cursor=${cursor}`);

    expect([other.status, other.body['code']]).toEqual([400, 'invalid_cursor']);
  });

  test('meets every product exactly once, whatever the order and the size of a page', async () => {
    const sorts = ['newest', 'price_asc', 'price_desc', 'bestselling', 'rating'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sorts),
        fc.integer({ min: 1, max: 4 }),
        async (sort, limit) => {
          const walked = await walk(`category=${home}&sort=${sort}&limit=${limit}`);
          expect(walked.toSorted()).toEqual((await titles(`category=${home}`))?.toSorted());
        },
      ),
      { numRuns: 8 },
    );
  });
});

const cursorOf = async (query: string) =>
  encodeURIComponent(String((await search(`${query}&limit=1`))['nextCursor']));

async function walk(query: string): Promise<string[]> {
  const seen: string[] = [];
  let cursor = '';
  for (;;) {
    const body = await search(`${query}${cursor}`);
    seen.push(...(titlesIn(body) ?? []));
    if (typeof body['nextCursor'] !== 'string') return seen;
    cursor = `&cursor=${encodeURIComponent(String(body['nextCursor']))}`;
  }
}
