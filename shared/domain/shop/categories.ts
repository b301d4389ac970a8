import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { problem, ValidationFailed } from '#platform/problem.ts';
import { Categories, type Category } from './category.model.ts';

export type CategoryRow = Category & Stored & { readonly _id: Id<'category'> };

/** How many categories the tree has room for; it is shown whole. */
export const MOST_CATEGORIES = 500;

export class UnknownCategory extends problem({
  code: 'unknown_category',
  status: 400,
  error: 'There is no such category',
}) {}

/** All categories, from the roots down. */
export async function categoryTree(): Promise<readonly CategoryRow[]> {
  const rows = await Categories.find({})
    .sort({ slug: 1 })
    .limit(MOST_CATEGORIES)
    .lean<CategoryRow[]>();
  return rows.toSorted((one, other) => one.path.length - other.path.length);
}

export const categoryBySlug = (slug: string): Promise<CategoryRow | null> =>
  Categories.findOne({ slug }).lean<CategoryRow>().exec();

/** The categories from the root down to this one. Throws `UnknownCategory`. */
export async function categoriesDownTo(id: Id<'category'>): Promise<readonly CategoryRow[]> {
  const category = await Categories.findOne({ _id: id }).lean<CategoryRow>();
  if (!category) throw new UnknownCategory({ field: 'categoryId' });
  if (category.path.length === 1) return [category];
  const above = await Categories.find({ _id: { $in: category.path } }).lean<CategoryRow[]>();
  return category.path.flatMap((step) => above.find(({ _id }) => sameId(_id, step)) ?? []);
}

/** What the platform keeps of a sale, as the nearest category on the way up says. */
export const commissionOf = (down: readonly Pick<Category, 'commissionBps'>[]) =>
  down.findLast(({ commissionBps }) => commissionBps !== undefined)?.commissionBps;

/** What a category and those above it ask of a product. */
export function checkAttributes(
  down: readonly Pick<Category, 'attributes'>[],
  given: Readonly<Record<string, string>>,
): void {
  const details = down.flatMap(({ attributes }) =>
    attributes.flatMap(({ name, required, values }) => {
      const value = given[name];
      if (value === undefined) return required ? [`attributes.${name}: is required`] : [];
      const known = values.length === 0 || values.includes(value);
      return known ? [] : [`attributes.${name}: must be one of ${values.join(', ')}`];
    }),
  );
  if (details.length > 0) throw new ValidationFailed({ field: 'attributes', details });
}

/** A category as it is shown; the tree is read from `parentId`. */
export const CategoryView = z.object({
  id: IdText,
  slug: z.string(),
  parentId: IdText.nullable(),
  name: z.record(z.string(), z.string()),
  attributes: z.array(
    z.object({ name: z.string(), required: z.boolean(), values: z.array(z.string()) }),
  ),
  restricted: z.boolean(),
});

export const toCategoryView = (category: CategoryRow): z.infer<typeof CategoryView> => ({
  id: category._id.toHexString(),
  slug: category.slug,
  parentId: category.path.at(-2)?.toHexString() ?? null,
  name: { ...category.name },
  attributes: category.attributes.map(({ name, required, values }) => ({
    name,
    required,
    values: [...values],
  })),
  restricted: category.restricted,
});
