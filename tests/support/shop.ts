/** Products as their sellers list them, through the rooms' own functions. */
import { randomUUID } from 'node:crypto';
import { type AssetStatus, MediaAssets } from '#domain/media/media-asset.model.ts';
import type { MediaPurpose } from '#domain/media/media-limits.ts';
import { shopOf } from '#domain/sellers/shops.ts';
import { Categories } from '#domain/shop/category.model.ts';
import { createProduct } from '#domain/shop/create-product.ts';
import { variantsOf } from '#domain/shop/products.ts';
import type { TaxClass } from '#domain/shop/sellable.ts';
import { clock } from '#platform/clock.ts';
import { type Id, toId } from '#platform/id.ts';
import type { Person } from './people.ts';

export interface ProductFacts {
  readonly title?: string;
  /** By its slug; `home` unless said. */
  readonly category?: string;
  /** `standard` unless said. */
  readonly taxClass?: TaxClass;
  readonly options?: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** One variant that costs 1000 with ten in stock unless said. */
  readonly variants?: readonly {
    readonly sku?: string;
    readonly optionValues?: Readonly<Record<string, string>>;
    readonly priceMinor?: number;
    readonly compareAtMinor?: number;
    readonly weightGrams?: number;
    readonly stock?: number;
  }[];
  readonly tags?: readonly string[];
  /** False leaves it a draft. */
  readonly publish?: boolean;
}

export interface AProduct {
  readonly id: string;
  readonly shop: string;
  /** In the order in which they were described. */
  readonly variants: readonly string[];
}

let made = 0;

/** A product of somebody who has a shop, on sale unless said. */
export async function aProduct(seller: Person, facts: ProductFacts = {}): Promise<AProduct> {
  made += 1;
  const shop = await shopOf(toId(seller.id));
  if (!shop) throw new Error(`${seller.username} has no shop`);
  const variants = (facts.variants ?? [{}]).map((variant, index) => ({
    ...{ sku: `SKU-${made}-${index}`, optionValues: {}, priceMinor: 1000, stock: 10 },
    ...variant,
  }));
  const { _id } = await createProduct(
    shop,
    {
      title: facts.title ?? `Thing ${made}`,
      description: 'As good as it looks.',
      category: await categoryCalled(facts.category ?? 'home'),
      attributes: {},
      tags: facts.tags ?? [],
      media: [],
      options: facts.options ?? [],
      taxClass: facts.taxClass ?? 'standard',
      publish: facts.publish ?? true,
      variants,
    },
    clock.now(),
  );
  const created = await variantsOf(_id);
  const bySku = new Map(created.map((variant) => [variant.sku, variant._id.toHexString()]));
  return {
    id: _id.toHexString(),
    shop: shop._id.toHexString(),
    variants: variants.map(({ sku }) => bySku.get(sku) ?? ''),
  };
}

/** The id of a category of the default tree. */
export async function categoryCalled(slug: string): Promise<Id<'category'>> {
  const category = await Categories.findOne({ slug }).lean();
  if (!category) throw new Error(`no category ${slug}`);
  return category._id;
}

/** A picture of somebody's as the pipeline leaves it, for their products unless said. */
export async function anImage(
  owner: Person,
  { status = 'ready', purpose = 'product' }: { status?: AssetStatus; purpose?: MediaPurpose } = {},
): Promise<string> {
  const folder = `images/${owner.id}/${randomUUID()}`;
  const made = (kind: string) => ({
    ...{ kind, object: `${folder}/${kind}.jpg`, contentType: 'image/jpeg' },
    ...{ width: 800, height: 800, bitrate: 0 },
  });
  const [asset] = await MediaAssets.create([
    {
      ...{ owner: toId(owner.id), purpose, bucket: 'uploads', object: folder, status },
      declared: { bytes: 1000, mime: 'image/jpeg' },
      renditions: status === 'ready' ? [made('image'), made('thumbnail')] : [],
    } as never,
  ]);
  return String(asset?._id);
}
