import { collection, flag, mixed, part, ref, requiredText, whole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** Something a product of a category says about itself. */
export interface CategoryAttribute {
  /** `Material` */
  readonly name: string;
  readonly required: boolean;
  /** What it may be; anything when empty. */
  readonly values: readonly string[];
}

/** A place in the tree of goods. */
export interface Category {
  readonly slug: string;
  /** From the root down to this category itself. */
  readonly path: readonly Id<'category'>[];
  /** By language: `{ en: 'Shoes' }`. */
  readonly name: Readonly<Record<string, string>>;
  readonly attributes: readonly CategoryAttribute[];
  /** What the platform keeps of a sale; that of the nearest category above where it is absent. */
  readonly commissionBps?: number;
  /** Staff looks at every listing before it is shown. */
  readonly restricted: boolean;
}

export const Categories = collection<Category>('Category', {
  fields: {
    slug: requiredText,
    path: { type: [ref('Category')], required: true },
    name: { ...mixed, required: true },
    attributes: {
      type: [part({ name: requiredText, required: flag, values: { type: [String], default: [] } })],
      default: [],
    },
    commissionBps: whole,
    restricted: flag,
  },
  indexes: [
    [{ slug: 1 }, { unique: true }], // categoryTree, categoryBySlug
    [{ path: 1, _id: 1 }], // subtree
  ],
  personalData: 'none',
});
