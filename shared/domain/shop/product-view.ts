import { z } from 'zod';
import { ShopCard, type ShopRow, shopById, toShopCard } from '#domain/sellers/shops.ts';
import { setting } from '#domain/system/settings.ts';
import { allOf } from '#platform/database.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { PRODUCT_STATUSES, TAX_CLASSES } from './product.model.ts';
import {
  Price,
  type ProductRow,
  productById,
  Rating,
  type VariantRow,
  variantsOf,
} from './products.ts';

/** A listing in full. */
export const ProductDetail = z.object({
  id: IdText,
  title: z.string(),
  slug: z.string(),
  description: z.string(),
  categoryId: IdText,
  /** From the root of the tree down to the category. */
  categoryPath: z.array(IdText),
  attributes: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
  media: z.array(z.object({ assetId: IdText, url: z.url(), thumbnailUrl: z.url() })),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  taxClass: z.enum(TAX_CLASSES),
  price: Price,
  rating: Rating,
  soldCount: z.int(),
  inStock: z.boolean(),
  status: z.enum(PRODUCT_STATUSES),
  /** Why staff rejected it; for its seller only. */
  rejection: z.string().optional(),
  /** For its seller only: to be sent along with a change. */
  version: z.int().optional(),
  createdAt: z.iso.datetime(),
});

const StockBand = z.enum(['in_stock', 'low', 'sold_out']);

export const VariantView = z.object({
  id: IdText,
  sku: z.string(),
  optionValues: z.record(z.string(), z.string()),
  priceMinor: z.int(),
  compareAtMinor: z.int().nullable(),
  weightGrams: z.int(),
  stock: StockBand,
  /** For its seller only. */
  available: z.int().optional(),
  version: z.int().optional(),
});

export const ProductPage = z.object({
  product: ProductDetail,
  variants: z.array(VariantView),
  shop: ShopCard,
});

const toProductDetail = (product: ProductRow, own: boolean): z.infer<typeof ProductDetail> => ({
  id: product._id.toHexString(),
  title: product.title,
  slug: product.slug,
  description: product.description,
  categoryId: product.category.toHexString(),
  categoryPath: product.path.map((id) => id.toHexString()),
  attributes: { ...product.attributes },
  tags: [...product.tags],
  media: product.media.map(({ asset, url, thumbnailUrl }) => ({
    assetId: asset.toHexString(),
    url,
    thumbnailUrl,
  })),
  options: product.options.map(({ name, values }) => ({ name, values: [...values] })),
  taxClass: product.taxClass,
  price: { ...product.price, currency: product.currency },
  rating: { average: product.rating.average, count: product.rating.count },
  soldCount: product.soldCount,
  inStock: product.inStock,
  status: product.status,
  ...(own && product.rejection !== undefined && { rejection: product.rejection }),
  ...(own && { version: product.version }),
  createdAt: product.createdAt.toISOString(),
});

export const toVariantView = (
  variant: VariantRow,
  low: number,
  own: boolean,
): z.infer<typeof VariantView> => ({
  id: variant._id.toHexString(),
  sku: variant.sku,
  optionValues: { ...variant.optionValues },
  priceMinor: variant.priceMinor,
  compareAtMinor: variant.compareAtMinor ?? null,
  weightGrams: variant.weightGrams,
  stock: variant.available === 0 ? 'sold_out' : variant.available <= low ? 'low' : 'in_stock',
  ...(own && { available: variant.available, version: variant.version }),
});

/**
 * A product as this person sees it: everybody sees what is on sale in an open shop, its seller sees
 * it in every state and to the number. Throws `NotFound`.
 */
export async function productPage(
  viewer: Id<'user'> | undefined,
  id: Id<'product'>,
): Promise<z.infer<typeof ProductPage>> {
  const product = await productById(id);
  const shop = product && (await shopById(product.shop));
  if (!product || !shop) throw new NotFound();
  const own = sameId(product.seller, viewer);
  const shown = product.status === 'active' && shop.status === 'active';
  if (!shown && (!own || product.status === 'archived')) throw new NotFound();
  return pageOf(product, shop, own);
}

/** A product as its seller sees it. */
export const ownProductPage = (shop: ShopRow, product: ProductRow) => pageOf(product, shop, true);

async function pageOf(product: ProductRow, shop: ShopRow, own: boolean) {
  const [variants, low] = await allOf([
    () => variantsOf(product._id),
    () => setting('shop.lowStock'),
  ]);
  return {
    product: toProductDetail(product, own),
    variants: variants.map((variant) => toVariantView(variant, low, own)),
    shop: toShopCard(shop),
  };
}
