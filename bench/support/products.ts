import mongoose from 'mongoose';
import { Shops } from '#domain/sellers/shop.model.ts';
import { Categories } from '#domain/shop/category.model.ts';
import { Products } from '#domain/shop/product.model.ts';
import { wordsOf } from '#domain/shop/search-words.ts';
import { EVERYTHING } from '#domain/shop/shelves.ts';
import { type Id, newId } from '#platform/id.ts';
import { useEngines } from './world.ts';

const PRODUCTS = 100_000;
const SHOPS = 200;
const BATCH = 2000;

const COLOURS = 'red blue green black white yellow brown grey pink orange'.split(' ');
const MATERIALS =
  'linen cotton wool silk leather steel oak glass clay paper rubber cork bamboo brass felt denim velvet wax stone bone'.split(
    ' ',
  );
const THINGS =
  'teapot vase chair lamp shirt apron bowl plate basket blanket candle clock mirror shelf stool table tray towel cup jug scarf hat glove sock boot bag belt wallet purse ring necklace bracelet brush comb soap oil balm tent rope stove torch kite puzzle robot train doll drum flute notebook pencil'.split(
    ' ',
  );

export interface Catalogue {
  /** The category that most of them lie in or below. */
  readonly category: string;
}

let made: Promise<Catalogue> | undefined;

/** 100,000 products of 200 shops, straight into the collections; made once. */
export const fillCatalogue = (): Promise<Catalogue> => (made ??= fill());

async function fill(): Promise<Catalogue> {
  await useEngines();
  const stamp = { createdAt: new Date(), updatedAt: new Date(), schemaVersion: 1 };
  const shops = Array.from({ length: SHOPS }, (_, index) => ({
    ...{ _id: newId<'shop'>(), owner: newId<'user'>(), name: `Shop ${index}` },
    handle: `bench-shop-${index}`,
  }));
  await Shops.collection.insertMany(
    shops.map((shop) => ({
      ...{ ...stamp, ...shop, status: 'active', currency: 'USD', country: 'DE', shipping: [] },
      rating: { average: 450, count: 10, stars: 45 },
    })) as never,
  );
  // Where `populate` of the baseline finds them.
  await mongoose.connection
    .collection('benchshops')
    .insertMany(shops.map(({ _id, name, handle }) => ({ _id, name, handle })));
  const leaves = await Categories.find({ 'path.1': { $exists: true } }).lean();
  const paths = leaves.map(({ path }) => path);
  for (let first = 0; first < PRODUCTS; first += BATCH)
    await Products.collection.insertMany(
      Array.from({ length: BATCH }, (_, index) => {
        const number = first + index;
        const shop = shops[(number * 7919) % SHOPS]?._id ?? newId<'shop'>();
        const path = paths[number % paths.length] ?? [];
        return { ...stamp, ...productOf(number, shop, path) };
      }) as never,
    );
  // What the baseline filters and sorts by; it may use our indexes, too.
  await Products.collection.createIndex({ status: 1, category: 1, 'price.minMinor': 1 });
  await Products.collection.createIndex({ status: 1, soldCount: -1 });
  const [root] = paths[0] ?? [];
  return { category: String(root) };
}

function productOf(number: number, shop: Id<'shop'>, path: readonly Id<'category'>[]) {
  const mixed = (number * 2_654_435_761) % 2 ** 32;
  const word = (words: readonly string[], divisor: number) =>
    words[Math.floor(mixed / divisor) % words.length];
  const title = `${word(COLOURS, 7)} ${word(MATERIALS, 131)} ${word(THINGS, 4099)} no ${number}`;
  const tags = ['bench'];
  const minMinor = 500 + (mixed % 20_000);
  return {
    ...{ shop, seller: newId<'user'>(), title, slug: `product-${number}`, tags },
    words: wordsOf({ title, tags }),
    description: `A ${title}, made by hand and sent in a box of its own. `.repeat(5),
    ...{ category: path.at(-1), path, attributes: {}, options: [], taxClass: 'standard' },
    media: [
      {
        asset: newId<'media'>(),
        url: `https://media.example/products/${number}.jpg`,
        thumbnailUrl: `https://media.example/products/${number}-small.jpg`,
      },
    ],
    ...{ status: 'active', shopOpen: true, shelves: [EVERYTHING, ...path, shop] },
    price: { minMinor, maxMinor: minMinor },
    ...{ currency: 'USD', inStock: true, restocks: 0, soldCount: mixed % 5000, version: 0 },
    rating: { average: mixed % 501, count: 10, stars: 10 },
  };
}
