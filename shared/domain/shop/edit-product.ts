import { isDeepStrictEqual } from 'node:util';
import type { ShopRow } from '#domain/sellers/shops.ts';
import { setting } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { categoriesDownTo, checkAttributes, commissionOf } from './categories.ts';
import { statusAfter } from './listing-state.ts';
import { type Product, Products, type TaxClass } from './product.model.ts';
import { ProductArchived, ProductUpdated } from './product-events.ts';
import { ProductVariants } from './product-variant.model.ts';
import { type ProductRow, productOfShop, variantsOf } from './products.ts';
import { wordsOf } from './search-words.ts';
import { shelvesOf } from './shelves.ts';
import { checkVariants } from './variants.ts';

export interface ProductChange {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly category?: Id<'category'> | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly media?: Product['media'] | undefined;
  /** Every variant has to fit them. */
  readonly options?: Product['options'] | undefined;
  readonly taxClass?: TaxClass | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  /** The version this change was made from; any when absent. */
  readonly version?: number | undefined;
}

/**
 * Changes a listing of the shop; what is left out stays as it is. Throws `NotFound`, `Conflict` for
 * a stale version or a state that cannot be reached, `UnknownCategory` or `ValidationFailed`.
 */
export async function updateProduct(
  shop: ShopRow,
  id: Id<'product'>,
  change: ProductChange,
  now: Date,
): Promise<ProductRow> {
  const { status: wanted, version, ...wish } = change;
  const reviewed = await setting('shop.reviewMaterialChanges');
  return transaction(async () => {
    const before = await productOfShop(shop._id, id);
    if (version !== undefined && version !== before.version)
      throw new Conflict({ current: { version: before.version } });
    const listing = { ...before, ...given(wish) };
    const down = await categoriesDownTo(listing.category);
    if (wish.category || wish.attributes) checkAttributes(down, listing.attributes);
    if (wish.options) checkVariants(listing.options, await variantsOf(id));
    const status = statusAfter(before.status, {
      material: isMaterial(before, listing),
      wanted,
      restricted: down.some(({ restricted }) => restricted),
      reviewed,
    });
    const path = down.map(({ _id }) => _id);
    const after = { ...given(wish), path, status, shopOpen: shop.status === 'active' };
    const updated = await replaceListing(before, after, commissionOf(down), now);
    const facts = { productId: id, shopId: shop._id, status };
    await publish(ProductUpdated, facts, { now, actor: shop.owner });
    return updated;
  });
}

/** Without what was left out, which would overwrite. */
const given = <Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** Whether buyers would take it for another offer. */
export const isMaterial = (
  before: Pick<Product, 'title' | 'category' | 'media' | 'options'>,
  after: Pick<Product, 'title' | 'category' | 'media' | 'options'>,
): boolean =>
  before.title !== after.title ||
  !sameId(before.category, after.category) ||
  !isDeepStrictEqual(
    before.media.map(({ asset }) => asset.toHexString()),
    after.media.map(({ asset }) => asset.toHexString()),
  ) ||
  !isDeepStrictEqual(before.options, after.options);

async function replaceListing(
  before: ProductRow,
  after: Partial<Product> & Pick<Product, 'status'>,
  commissionBps: number | undefined,
  now: Date,
): Promise<ProductRow> {
  const shelves = shelvesOf({ ...before, ...after });
  const appears = shelves.length > 0 && before.shelves.length === 0;
  const clear = {
    ...(after.status !== 'rejected' && { rejection: 1 as const }),
    ...(commissionBps === undefined && { commissionBps: 1 as const }),
  };
  const updated = await Products.findOneAndUpdate(
    { _id: before._id, status: before.status, version: before.version },
    {
      $set: {
        ...after,
        words: wordsOf({ ...before, ...after }),
        shelves,
        ...(commissionBps !== undefined && { commissionBps }),
        ...(appears && { wishesDueAt: now }),
      },
      $unset: clear,
      $inc: { version: 1 },
    } as never,
    { returnDocument: 'after' },
  ).lean<ProductRow>();
  if (!updated) throw new Conflict({ current: { version: before.version } });
  return updated;
}

/** Takes a listing off the shelves for good; what was ordered stays ordered. Throws `NotFound`. */
export async function archiveProduct(shop: ShopRow, id: Id<'product'>, now: Date): Promise<void> {
  await transaction(async () => {
    const { modifiedCount } = await Products.updateOne(
      { _id: id, shop: shop._id, status: { $ne: 'archived' } },
      {
        $set: { status: 'archived', shelves: [] },
        $unset: { featuredRank: 1, wishesDueAt: 1 },
        $inc: { version: 1 },
      },
    );
    if (modifiedCount === 0) throw new NotFound();
    await ProductVariants.updateMany(
      { product: id, status: 'active' },
      { $set: { status: 'archived' }, $inc: { version: 1 } },
    );
    const ids = { productId: id, shopId: shop._id };
    await publish(ProductArchived, ids, { now, actor: shop.owner });
  });
}
