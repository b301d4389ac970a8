import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { publishAll } from '#platform/outbox.ts';
import { NotFound } from '#platform/problem.ts';
import { type Product, Products } from './product.model.ts';
import { ProductSold } from './product-events.ts';
import { ProductTallies } from './product-tally.model.ts';
import { type ProductVariant, ProductVariants } from './product-variant.model.ts';
import { EVERYTHING } from './shelves.ts';

export type ProductRow = Product & Stored & { readonly _id: Id<'product'> };
export type VariantRow = ProductVariant & Stored & { readonly _id: Id<'variant'> };

/** How many variants a product may have, archived ones included. */
export const MOST_VARIANTS = 100;

export const Price = z.object({
  /** Minor units; the same where all variants cost the same. */
  minMinor: z.int(),
  maxMinor: z.int(),
  currency: z.string(),
});

export const Rating = z.object({
  /** Hundredths of a star; 0 without reviews. */
  average: z.int(),
  count: z.int(),
});

/** A product as it lies on a shelf. */
export const ProductCard = z.object({
  id: IdText,
  title: z.string(),
  imageUrl: z.string().nullable(),
  price: Price,
  rating: Rating,
  soldCount: z.int(),
  inStock: z.boolean(),
  shopId: IdText,
});
export type ProductCard = z.infer<typeof ProductCard>;

export const toProductCard = (product: ProductRow): ProductCard => ({
  id: product._id.toHexString(),
  title: product.title,
  imageUrl: product.media[0]?.thumbnailUrl ?? null,
  price: { ...product.price, currency: product.currency },
  rating: { average: product.rating.average, count: product.rating.count },
  soldCount: product.soldCount,
  inStock: product.inStock,
  shopId: product.shop.toHexString(),
});

/** A product in whatever state. */
export const productById = (id: Id<'product'>): Promise<ProductRow | null> =>
  Products.findOne({ _id: id }).lean<ProductRow>().exec();

/** A shop's own product, unless it was archived. Throws `NotFound`. */
export async function productOfShop(shop: Id<'shop'>, id: Id<'product'>): Promise<ProductRow> {
  const product = await Products.findOne({
    _id: id,
    shop,
    status: { $ne: 'archived' },
  }).lean<ProductRow>();
  if (!product) throw new NotFound();
  return product;
}

/** A product that everybody sees. Throws `NotFound`. */
export async function shownProduct(id: Id<'product'>): Promise<ProductRow> {
  const product = await Products.findOne({ _id: id, shelves: EVERYTHING }).lean<ProductRow>();
  if (!product) throw new NotFound();
  return product;
}

/** Those of these products that everybody sees, by their ids in hex. */
export async function cardsOfProducts(
  ids: readonly Id<'product'>[],
): Promise<Map<string, ProductCard>> {
  if (ids.length === 0) return new Map();
  const found = await Products.find({ _id: { $in: [...ids] }, shelves: EVERYTHING }).lean<
    ProductRow[]
  >();
  return new Map(found.map((product) => [product._id.toHexString(), toProductCard(product)]));
}

/** The variants of a product that are offered, in the order in which they were made. */
export const variantsOf = (product: Id<'product'>): Promise<VariantRow[]> =>
  ProductVariants.find({ product, status: 'active' })
    .sort({ _id: 1 })
    .limit(MOST_VARIANTS)
    .lean<VariantRow[]>()
    .exec();

interface Sold {
  readonly product: Id<'product'>;
  readonly quantity: number;
}

/** Adds what was sold to the products' numbers, soon; inside the transaction of the sale. */
export async function countSale(lines: readonly Sold[], now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('countSale() must be called inside transaction()');
  await ProductTallies.insertMany(lines.map(({ product, quantity: sold }) => ({ product, sold })));
  const sales = lines.map(({ product: productId, quantity }) => ({
    data: { productId, quantity },
  }));
  await publishAll(ProductSold, sales, now);
}
