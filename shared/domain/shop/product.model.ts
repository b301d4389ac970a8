import {
  collection,
  date,
  flag,
  mixed,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const PRODUCT_STATUSES = [
  'draft',
  'in_review',
  'active',
  'paused',
  'rejected',
  'archived',
] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];
/** Which rate of tax applies; the table is the cart's. */
export const TAX_CLASSES = ['standard', 'reduced', 'zero'] as const;
export type TaxClass = (typeof TAX_CLASSES)[number];

/** What a shop offers. What is bought is one of its variants. */
export interface Product {
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly title: string;
  readonly slug: string;
  readonly description: string;
  readonly category: Id<'category'>;
  /** From the root of the tree down to the category. */
  readonly path: readonly Id<'category'>[];
  /** What the category asks for: `{ Material: 'Cotton' }`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Those of title and tags, in lower case, by which it is found. See search-words.ts. */
  readonly words: readonly string[];
  readonly media: readonly {
    readonly asset: Id<'media'>;
    readonly url: string;
    readonly thumbnailUrl: string;
  }[];
  /** What buyers choose between: `{ name: 'Size', values: ['S', 'M'] }`. */
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly status: ProductStatus;
  /** Why staff rejected it, for its seller. */
  readonly rejection?: string;
  /** The shop is active. A copy that `followShop` keeps. */
  readonly shopOpen: boolean;
  /**
   * Where it lies for everybody: on the shelf of all products, of each category of its path and of
   * its shop. Empty while it is not shown. See shelves.ts.
   */
  readonly shelves: readonly Id[];
  /** Over the active variants, in minor units of `currency`. */
  readonly price: { readonly minMinor: number; readonly maxMinor: number };
  readonly currency: string;
  readonly taxClass: TaxClass;
  /** Of the category, copied here: what the platform keeps. */
  readonly commissionBps?: number;
  /** Some variant can be bought now. */
  readonly inStock: boolean;
  /** How often it came back into stock; who waits remembers what they saw. */
  readonly restocks: number;
  /** Since when somebody who saved it may have to be told; see wishlist.ts. */
  readonly wishesDueAt?: Date;
  /** Present on what the front page shows; lower comes first. */
  readonly featuredRank?: number;
  /** Hundredths of a star on average, how many reviews, and their sum of stars. */
  readonly rating: { readonly average: number; readonly count: number; readonly stars: number };
  readonly soldCount: number;
  readonly version: number;
}

const counter = { ...whole, required: true, default: 0 } as const;

export const Products = collection<Product>('Product', {
  fields: {
    shop: requiredRef('Shop'),
    seller: requiredRef('User'),
    title: requiredText,
    slug: requiredText,
    description: { type: String, default: '' },
    category: requiredRef('Category'),
    path: { type: [ref('Category')], required: true },
    attributes: { ...mixed, default: {} },
    tags: { type: [String], default: [] },
    words: { type: [String], required: true },
    media: {
      type: [part({ asset: requiredRef('MediaAsset'), url: requiredText, thumbnailUrl: text })],
      default: [],
    },
    options: {
      type: [part({ name: requiredText, values: { type: [String], required: true } })],
      default: [],
    },
    status: oneOf(PRODUCT_STATUSES, 'draft'),
    rejection: text,
    shopOpen: flag,
    shelves: { type: [ref('Any')], default: [] },
    price: { type: part({ minMinor: requiredWhole, maxMinor: requiredWhole }), required: true },
    currency: requiredText,
    taxClass: oneOf(TAX_CLASSES, 'standard'),
    commissionBps: whole,
    inStock: flag,
    restocks: counter,
    wishesDueAt: date,
    featuredRank: whole,
    rating: { type: part({ average: counter, count: counter, stars: counter }), default: {} },
    soldCount: counter,
    version: counter,
  },
  indexes: [
    [{ shop: 1, slug: 1 }, { unique: true }], // createProduct
    [{ shop: 1, shopOpen: 1, _id: 1 }], // followShop
    [{ category: 1, commissionBps: 1, _id: 1 }], // applyCategory
    [{ shelves: 1, _id: -1 }], // search: newest
    [{ shelves: 1, soldCount: -1, _id: -1 }], // search: bestselling
    [{ shelves: 1, 'rating.average': -1, _id: -1 }], // search: best rated
    [{ shelves: 1, 'price.minMinor': 1, _id: 1 }], // search: cheapest, dearest
    [
      { shelves: 1, featuredRank: 1, _id: 1 },
      { partialFilterExpression: { featuredRank: { $exists: true } } },
    ], // featured
    [{ words: 1, soldCount: -1, _id: -1 }], // search: all of the words
    [
      { title: 'text', tags: 'text' },
      {
        name: 'words',
        weights: { title: 4, tags: 1 },
        language_override: 'textLanguage',
        default_language: 'none',
      },
    ], // search: any of the words
    [{ wishesDueAt: 1, _id: 1 }, { partialFilterExpression: { wishesDueAt: { $exists: true } } }], // noticeWishes
  ],
  personalData: {
    owner: ['seller'],
    erase: 'retain',
    because: 'What was sold is kept for ten years; the row describes goods.',
  },
});
