import type { Id } from '#platform/id.ts';
import { type Product, Products, type TaxClass } from './product.model.ts';
import { type ProductVariant, ProductVariants } from './product-variant.model.ts';

export type { TaxClass } from './product.model.ts';

/** All that cart and checkout need to know of a variant, as it is now. */
export interface Sellable {
  readonly variant: Id<'variant'>;
  readonly product: Id<'product'>;
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly category: Id<'category'>;
  readonly title: string;
  readonly sku: string;
  readonly optionValues: Readonly<Record<string, string>>;
  readonly imageUrl: string | null;
  readonly priceMinor: number;
  readonly compareAtMinor: number | null;
  readonly currency: string;
  readonly taxClass: TaxClass;
  /** What the platform keeps by category; undefined where the shop or the setting decides. */
  readonly commissionBps: number | undefined;
  readonly weightGrams: number;
  readonly available: number;
  /** Product and variant are offered; whether the shop is open is the shop's own matter. */
  readonly offered: boolean;
}

type VariantRow = ProductVariant & { readonly _id: Id<'variant'> };
type ProductRow = Product & { readonly _id: Id<'product'> };

/** These variants with their products in two queries, by the variants' ids in hex. */
export async function sellables(ids: readonly Id<'variant'>[]): Promise<Map<string, Sellable>> {
  if (ids.length === 0) return new Map();
  const variants = await ProductVariants.find({ _id: { $in: [...ids] } }).lean<VariantRow[]>();
  const products = await Products.find({
    _id: { $in: variants.map(({ product }) => product) },
  }).lean<ProductRow[]>();
  const byId = new Map(products.map((product) => [product._id.toHexString(), product]));
  return new Map(
    variants.flatMap((variant) => {
      const product = byId.get(variant.product.toHexString());
      return product ? [[variant._id.toHexString(), sellable(variant, product)] as const] : [];
    }),
  );
}

const sellable = (variant: VariantRow, product: ProductRow): Sellable => ({
  variant: variant._id,
  product: product._id,
  shop: product.shop,
  seller: product.seller,
  category: product.category,
  title: product.title,
  sku: variant.sku,
  optionValues: variant.optionValues,
  imageUrl: product.media[0]?.url ?? null,
  priceMinor: variant.priceMinor,
  compareAtMinor: variant.compareAtMinor ?? null,
  currency: product.currency,
  taxClass: product.taxClass,
  commissionBps: product.commissionBps,
  weightGrams: variant.weightGrams,
  available: variant.available,
  offered: product.status === 'active' && variant.status === 'active',
});
