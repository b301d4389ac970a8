import { rateShop } from '#domain/sellers/shop-rating.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { sharing } from '#platform/share.ts';
import { Products } from './product.model.ts';
import { ProductTallies } from './product-tally.model.ts';
import type { ProductRow } from './products.ts';

/** How many rows one transaction adds up. */
const BATCH = 500;

const adding = sharing<void>();

/**
 * Moves everything that waits into the numbers of a product and of its shop. Calls for one product
 * that come together share a run that begins after all of them, because side by side they would
 * only make each other's transactions fail. Safe to repeat.
 */
export const addUp = (product: Id<'product'>): Promise<void> =>
  adding(product.toHexString(), async () => {
    while ((await transaction(() => addSome(product))) === BATCH);
  });

async function addSome(id: Id<'product'>): Promise<number> {
  const rows = await ProductTallies.find({ product: id }).sort({ _id: 1 }).limit(BATCH).lean();
  if (rows.length === 0) return 0;
  const sum = (field: 'sold' | 'reviews' | 'stars') =>
    rows.reduce((total, row) => total + row[field], 0);
  const added = { sold: sum('sold'), reviews: sum('reviews'), stars: sum('stars') };
  await ProductTallies.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } });
  const product = await Products.findOne({ _id: id }).lean<ProductRow>();
  if (!product) return rows.length;
  const count = product.rating.count + added.reviews;
  const stars = product.rating.stars + added.stars;
  await Products.updateOne(
    { _id: id },
    {
      $set: { rating: { count, stars, average: averageOf(stars, count) } },
      $inc: { soldCount: added.sold },
    },
  );
  if (added.reviews !== 0 || added.stars !== 0) await rateShop(product.shop, added);
  return rows.length;
}

/** Hundredths of a star, rounded down. */
const averageOf = (stars: number, count: number): number =>
  count === 0 ? 0 : Number((BigInt(stars) * 100n) / BigInt(count));
