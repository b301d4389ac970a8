import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePicture } from '#local/clips/clips.ts';
import { intention, type Person, upload } from '#local/demo/people.ts';
import { until } from '#local/demo/script.ts';

type Listing = Parameters<Person['client']['productsCreate']>[0];

interface Goods extends Pick<Listing, 'title' | 'description' | 'tags' | 'options' | 'variants'> {
  /** The slug of a category. */
  readonly category: string;
  readonly pictures: number;
}

const sizes = (sku: string, priceMinor: number, stocks: readonly number[]) =>
  ['S', 'M', 'L'].map((size, index) => ({
    ...{ sku: `${sku}-${size}`, optionValues: { Size: size }, priceMinor, weightGrams: 220 },
    stock: stocks[index] ?? 0,
  }));

const CATALOGUE: readonly Goods[] = [
  {
    title: 'Washed linen apron',
    description:
      'Soft from the first day.\nTwo pockets, long ties, and it gets better with stains.',
    category: 'kitchen',
    tags: ['linen', 'apron', 'baking'],
    pictures: 2,
    variants: [{ sku: 'APRON', priceMinor: 3200, weightGrams: 310, stock: 24 }],
  },
  {
    title: 'Heavy cotton T-shirt',
    description: 'Knitted thick, cut straight, dyed with plants.',
    category: 'men-clothing',
    tags: ['shirt', 'cotton'],
    pictures: 2,
    options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
    variants: sizes('TEE', 2400, [12, 30, 3]),
  },
  {
    title: 'Stoneware mug',
    description: 'Thrown by hand, so no two are the same. Holds 300 ml and likes the dishwasher.',
    category: 'kitchen',
    tags: ['mug', 'coffee', 'ceramics'],
    pictures: 1,
    variants: [{ sku: 'MUG', priceMinor: 1800, compareAtMinor: 2200, weightGrams: 380, stock: 40 }],
  },
  {
    title: 'Beeswax candle',
    description: 'Burns for thirty hours and smells of summer, or of nothing at all.',
    category: 'decoration',
    tags: ['candle', 'beeswax'],
    pictures: 1,
    options: [{ name: 'Scent', values: ['Honey', 'Lavender', 'None'] }],
    variants: ['Honey', 'Lavender', 'None'].map((scent, index) => ({
      ...{ sku: `CANDLE-${scent.toUpperCase()}`, optionValues: { Scent: scent } },
      ...{ priceMinor: 1450 + 100 * index, weightGrams: 260, stock: 18 },
    })),
  },
  {
    title: 'Canvas market bag',
    description: 'Carries two loaves, a bunch of flowers and a week of apples.',
    category: 'bags',
    tags: ['bag', 'canvas'],
    pictures: 1,
    variants: [{ sku: 'BAG', priceMinor: 2900, weightGrams: 420, stock: 9 }],
  },
  {
    title: 'Garden twine on a spool',
    description: 'Eighty metres of jute on a spool of oak, for beans, parcels and kites.',
    category: 'garden',
    tags: ['garden', 'jute'],
    pictures: 1,
    variants: [{ sku: 'TWINE', priceMinor: 990, weightGrams: 350, stock: 60 }],
  },
  {
    title: 'Everyday stretching mat',
    description: 'Cork on natural rubber. Stays where you put it.',
    category: 'fitness',
    tags: ['fitness', 'mat', 'cork'],
    pictures: 1,
    variants: [{ sku: 'MAT', priceMinor: 6400, weightGrams: 2300, stock: 4 }],
  },
];

/**
 * Fills the shop of the demo seller, with pictures that went through the pipeline. Safe to run
 * again: what is there stays as it is.
 */
export async function stockShop(
  seller: Person,
  shop: string,
  say: (line: string) => void,
): Promise<void> {
  const { products } = await seller.client.productsSearch({ shop, limit: 100 });
  const missing = CATALOGUE.filter(({ title }) => !products.some((one) => one.title === title));
  if (missing.length === 0) return;
  const { categories } = await seller.client.productsCategories({});
  const dir = await mkdtemp(join(tmpdir(), 'mixillo-seed-'));
  try {
    for (const goods of missing) {
      const { category, pictures, ...listing } = goods;
      const categoryId = categories.find(({ slug }) => slug === category)?.id;
      if (!categoryId) throw new Error(`There is no category ${category}`);
      const look = 7 * CATALOGUE.indexOf(goods);
      const media: string[] = [];
      for (let picture = 0; picture < pictures; picture += 1)
        media.push(await pictureOf(seller, join(dir, `${look + picture}.jpg`), look + picture));
      await seller.client.productsCreate({ ...listing, categoryId, media }, intention());
    }
    say(`Seeded ${missing.length} products`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Puts the first few of the shop on the front page, unless something is there. */
export async function featureSome({ client }: Person, shop: string): Promise<void> {
  if ((await client.productsFeatured({ limit: 1 })).products.length > 0) return;
  const { products } = await client.productsSearch({ shop, limit: 3 });
  const reason = 'The front page of the demo';
  for (const [featuredRank, { id }] of products.entries())
    await client.adminCatalogue({ kind: 'product', id, featuredRank, reason }, intention());
}

/** A picture that is ready to be shown. */
async function pictureOf(seller: Person, path: string, look: number): Promise<string> {
  await makePicture(path, look);
  const id = await upload(seller, path, 'product', 'image/jpeg');
  await until(
    'a picture to be ready',
    60,
    () => seller.client.mediaStatus({ assetId: id }),
    ({ asset }) => asset.status === 'ready',
  );
  return id;
}
