import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ShopRow } from '#domain/sellers/shops.ts';
import { setting } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, ValidationFailed } from '#platform/problem.ts';
import { categoriesDownTo } from './categories.ts';
import { insertVariants, recordInitial, variantRow } from './create-product.ts';
import { statusAfter } from './listing-state.ts';
import { type Product, Products } from './product.model.ts';
import { PriceChanged, ProductUpdated } from './product-events.ts';
import { ProductVariants } from './product-variant.model.ts';
import { MOST_VARIANTS, type ProductRow, productOfShop, type VariantRow } from './products.ts';
import { shelvesOf } from './shelves.ts';
import { checkVariants, summaryOf, VariantInput } from './variants.ts';

/** A variant as it shall be: made where its SKU is new, else changed. */
export const VariantWish = VariantInput.extend({
  /** No longer offered; the SKU stays known. */
  archived: z.boolean().default(false),
});
export type VariantWish = z.infer<typeof VariantWish>;

export interface VariantsChange {
  readonly variants: readonly VariantWish[];
  /** What buyers choose between, where that changes with them. */
  readonly options?: Product['options'] | undefined;
  /** The version of the product this change was made from; any when absent. */
  readonly version?: number | undefined;
}

/**
 * Makes, changes and archives variants of a product by their SKUs, all or none; variants that are
 * not named stay as they are. Throws `NotFound`, `Conflict`, `SkuTaken` or `ValidationFailed`.
 */
export async function saveVariants(
  shop: ShopRow,
  id: Id<'product'>,
  change: VariantsChange,
  now: Date,
): Promise<ProductRow> {
  const reviewed = await setting('shop.reviewMaterialChanges');
  return transaction(async () => {
    const product = await productOfShop(shop._id, id);
    if (change.version !== undefined && change.version !== product.version)
      throw new Conflict({ current: { version: product.version } });
    const options = change.options ?? product.options;
    const before = await allVariantsOf(id);
    const { made, changed, offered } = merge(product, before, change.variants);
    checkVariants(options, offered);
    await writeChanged(changed);
    await insertVariants(made);
    await recordInitial(made, shop.owner, now);
    const down = await categoriesDownTo(product.category);
    const status = statusAfter(product.status, {
      material: !isDeepStrictEqual(options, product.options),
      wanted: undefined,
      restricted: down.some(({ restricted }) => restricted),
      reviewed,
    });
    const updated = await summarise(product, { options, status }, offered, now);
    await announce(product, updated, now);
    return updated;
  });
}

const allVariantsOf = (product: Id<'product'>): Promise<VariantRow[]> =>
  ProductVariants.find({ product }).limit(MOST_VARIANTS).lean<VariantRow[]>().exec();

type NewVariant = ReturnType<typeof variantRow>;
type Offered = NewVariant | VariantRow;

function merge(
  { _id: product, shop }: ProductRow,
  before: readonly VariantRow[],
  wishes: readonly VariantWish[],
) {
  const bySku = new Map<string, Offered>(
    before.filter(({ status }) => status === 'active').map((variant) => [variant.sku, variant]),
  );
  const made: NewVariant[] = [];
  const changed: VariantRow[] = [];
  const details: string[] = [];
  for (const { archived, ...wish } of wishes) {
    const known = before.find(({ sku }) => sku === wish.sku);
    if (known) {
      if (wish.stock !== undefined)
        details.push(`variants: the stock of ${wish.sku} is changed through its inventory`);
      const next = changedBy(known, wish, archived);
      changed.push(next);
      if (archived) bySku.delete(wish.sku);
      else bySku.set(wish.sku, next);
    } else if (archived) details.push(`variants: there is no ${wish.sku} to archive`);
    else {
      const row = variantRow(product, shop, wish);
      made.push(row);
      bySku.set(wish.sku, row);
    }
  }
  if (new Set(wishes.map(({ sku }) => sku)).size < wishes.length)
    details.push('variants: each SKU once');
  if (bySku.size === 0) details.push('variants: at least one has to stay');
  if (before.length + made.length > MOST_VARIANTS)
    details.push(`variants: at most ${MOST_VARIANTS}, archived ones included`);
  if (details.length > 0) throw new ValidationFailed({ field: 'variants', details });
  return { made, changed, offered: [...bySku.values()] };
}

function changedBy(
  { compareAtMinor: _before, ...known }: VariantRow,
  { optionValues, priceMinor, compareAtMinor, weightGrams }: z.infer<typeof VariantInput>,
  archived: boolean,
): VariantRow {
  return {
    ...known,
    ...{ optionValues, priceMinor, weightGrams: weightGrams ?? known.weightGrams },
    ...(compareAtMinor !== undefined && { compareAtMinor }),
    status: archived ? 'archived' : 'active',
  };
}

/** In one command; a variant that changed meanwhile makes the whole change fail. */
async function writeChanged(changed: readonly VariantRow[]): Promise<void> {
  if (changed.length === 0) return;
  const { matchedCount } = await ProductVariants.bulkWrite(
    changed.map(
      ({ _id, version, optionValues, priceMinor, compareAtMinor, weightGrams, status }) => ({
        updateOne: {
          filter: { _id, version },
          update: {
            $set: {
              ...{ optionValues, priceMinor, weightGrams, status },
              ...(compareAtMinor !== undefined && { compareAtMinor }),
            },
            ...(compareAtMinor === undefined && { $unset: { compareAtMinor: 1 as const } }),
            $inc: { version: 1 },
          },
        },
      }),
    ) as never,
  );
  if (matchedCount !== changed.length) throw new Conflict();
}

/** Brings what the product says of its variants up to date; guarded by its version. */
async function summarise(
  product: ProductRow,
  { options, status }: Pick<Product, 'options' | 'status'>,
  offered: readonly Offered[],
  now: Date,
): Promise<ProductRow> {
  const summary = summaryOf(offered);
  const returned = summary.inStock && !product.inStock;
  const cheaper = summary.price.minMinor < product.price.minMinor;
  const updated = await Products.findOneAndUpdate(
    { _id: product._id, version: product.version },
    {
      $set: {
        ...{ options, status, ...summary, shelves: shelvesOf({ ...product, status }) },
        ...((returned || cheaper) && { wishesDueAt: now }),
      },
      $inc: { version: 1, ...(returned && { restocks: 1 }) },
    } as never,
    { returnDocument: 'after' },
  ).lean<ProductRow>();
  if (!updated) throw new Conflict({ current: { version: product.version } });
  return updated;
}

async function announce(before: ProductRow, after: ProductRow, now: Date): Promise<void> {
  const { _id, shop, seller, status } = after;
  const ids = { productId: _id, shopId: shop };
  await publish(ProductUpdated, { ...ids, status }, { now, actor: seller });
  const [fromMinor, toMinor] = [before.price.minMinor, after.price.minMinor];
  if (fromMinor !== toMinor)
    await publish(PriceChanged, { ...ids, fromMinor, toMinor }, { now, actor: seller });
}
