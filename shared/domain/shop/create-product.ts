import type { ShopRow } from '#domain/sellers/shops.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { categoriesDownTo, checkAttributes, commissionOf } from './categories.ts';
import { type Product, Products, type TaxClass } from './product.model.ts';
import { ProductCreated } from './product-events.ts';
import { ProductVariants } from './product-variant.model.ts';
import type { ProductRow } from './products.ts';
import { wordsOf } from './search-words.ts';
import { shelvesOf } from './shelves.ts';
import { StockMovements } from './stock-movement.model.ts';
import { checkVariants, SkuTaken, summaryOf, type VariantInput } from './variants.ts';

export interface NewProduct {
  readonly title: string;
  readonly description: string;
  readonly category: Id<'category'>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly media: Product['media'];
  readonly options: Product['options'];
  readonly taxClass: TaxClass;
  /** False leaves it a draft. */
  readonly publish: boolean;
  readonly variants: readonly VariantInput[];
}

/**
 * Lists a product with its variants and their stock. Of an active shop it is on sale at once,
 * unless its category is restricted: then staff looks at it first. Throws `UnknownCategory`,
 * `SkuTaken` or `ValidationFailed`.
 */
export async function createProduct(
  shop: ShopRow,
  wish: NewProduct,
  now: Date,
): Promise<ProductRow> {
  checkVariants(wish.options, wish.variants);
  const down = await categoriesDownTo(wish.category);
  checkAttributes(down, wish.attributes);
  const { variants, publish: offered, ...listing } = wish;
  const _id = newId<'product'>();
  const restricted = down.some((category) => category.restricted);
  const commissionBps = commissionOf(down);
  const rows = variants.map((variant) => variantRow(_id, shop._id, variant));
  const product = {
    ...listing,
    _id,
    shop: shop._id,
    seller: shop.owner,
    slug: slugOf(wish.title, _id),
    words: wordsOf(wish),
    path: down.map((category) => category._id),
    status: offered ? (restricted ? 'in_review' : 'active') : 'draft',
    shopOpen: shop.status === 'active',
    ...summaryOf(rows),
    currency: shop.currency,
    ...(commissionBps !== undefined && { commissionBps }),
  } as const;
  return transaction(async () => {
    const shelves = shelvesOf(product);
    const [created] = await Products.create([{ ...product, shelves } as never]);
    if (!created) throw new Error('the product was not created');
    await insertVariants(rows);
    await recordInitial(rows, shop.owner, now);
    const ids = { productId: _id, shopId: shop._id };
    await publish(ProductCreated, ids, { now, actor: shop.owner });
    return created.toObject<ProductRow>();
  });
}

/** Words for an address, and an ending that keeps it unique. */
function slugOf(title: string, id: Id<'product'>): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return [words, id.toHexString().slice(-6)].filter(Boolean).join('-');
}

type NewVariant = ReturnType<typeof variantRow>;

export const variantRow = (
  product: Id<'product'>,
  shop: Id<'shop'>,
  { stock = 0, weightGrams = 0, compareAtMinor, ...variant }: VariantInput,
) => ({
  ...variant,
  _id: newId<'variant'>(),
  product,
  shop,
  weightGrams,
  ...(compareAtMinor !== undefined && { compareAtMinor }),
  available: stock,
});

/** Throws `SkuTaken` where the shop has one of the SKUs elsewhere. */
export async function insertVariants(rows: readonly NewVariant[]): Promise<void> {
  if (rows.length === 0) return;
  try {
    await ProductVariants.insertMany(rows as never);
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    throw new SkuTaken({ field: 'variants', cause: error });
  }
}

export async function recordInitial(
  rows: readonly NewVariant[],
  actor: Id<'user'>,
  now: Date,
): Promise<void> {
  const stocked = rows.filter(({ available }) => available > 0);
  if (stocked.length === 0) return;
  await StockMovements.insertMany(
    stocked.map(({ _id, product, shop, available }) => ({
      ...{ variant: _id, product, shop, kind: 'initial', by: available, available },
      ...{ reason: 'listed', actor, at: now },
    })) as never,
  );
}
