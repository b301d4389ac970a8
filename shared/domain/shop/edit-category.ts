import { z } from 'zod';
import { line } from '#domain/users/words.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, problem } from '#platform/problem.ts';
import {
  type CategoryRow,
  categoriesDownTo,
  categoryBySlug,
  commissionOf,
  MOST_CATEGORIES,
  UnknownCategory,
} from './categories.ts';
import { Categories } from './category.model.ts';
import { Products } from './product.model.ts';
import { CatalogueUpdated } from './product-events.ts';

export class TreeFull extends problem({
  code: 'tree_full',
  status: 409,
  error: 'The tree of categories has no room for this',
}) {}

const DEEPEST = 5;
const Text = line(60).pipe(z.string().min(1));

/** A category as staff describes it. */
export const CategoryInput = z.strictObject({
  kind: z.literal('category'),
  /** The slug of the category above; null for a root. It does not change later. */
  parent: z.string().max(60).nullable(),
  /** By language; English has to be among them. */
  name: z
    .record(z.string().regex(/^[a-z]{2}$/), Text)
    .refine((name) => 'en' in name, 'needs a name in English')
    .refine((name) => Object.keys(name).length <= 30, 'at most 30 languages'),
  attributes: z
    .array(
      z.strictObject({
        name: line(40).pipe(z.string().min(1)),
        required: z.boolean(),
        values: z.array(Text).max(100).default([]),
      }),
    )
    .max(20)
    .default([]),
  /** What the platform keeps of a sale, in hundredths of a percent; null leaves it to the category above. */
  commissionBps: z.int().min(0).max(2000).nullable().default(null),
  /** Staff looks at every listing before it is shown. */
  restricted: z.boolean().default(false),
  reason: line(500),
});
export type CategoryInput = z.infer<typeof CategoryInput>;

/** What was changed, for the trail. */
export interface CategoryChange {
  readonly before: CategoryRow | null;
  readonly after: CategoryRow;
}

/**
 * Makes the category of this slug, or changes it; products below it follow soon. Throws
 * `UnknownCategory` for a parent that is not there, `Conflict` for another parent than before, and
 * `TreeFull`.
 */
export const saveCategory = (
  slug: string,
  { parent, name, attributes, commissionBps, restricted }: CategoryInput,
  actor: Id<'user'>,
  now: Date,
): Promise<CategoryChange> =>
  transaction(async () => {
    const before = await categoryBySlug(slug);
    const above = parent === null ? null : await categoryBySlug(parent);
    if (parent !== null && !above) throw new UnknownCategory({ field: 'parent' });
    const _id = before?._id ?? newId<'category'>();
    const path = [...(above?.path ?? []), _id];
    if (before && String(before.path) !== String(path)) throw new Conflict({ current: 'parent' });
    if (!before) await checkRoom(path.length);
    const after = await Categories.findOneAndUpdate(
      { slug },
      {
        $set: { name, attributes, restricted, ...(commissionBps !== null && { commissionBps }) },
        ...(commissionBps === null && { $unset: { commissionBps: 1 } }),
        $setOnInsert: { _id, path },
      } as never,
      { upsert: true, returnDocument: 'after' },
    ).lean<CategoryRow>();
    if (!after) throw new Conflict();
    await publish(CatalogueUpdated, { kind: 'category', itemId: after._id }, { now, actor });
    return { before, after };
  });

async function checkRoom(depth: number): Promise<void> {
  const there = await Categories.countDocuments({ slug: { $gt: '' } }).limit(MOST_CATEGORIES);
  if (depth > DEEPEST || there >= MOST_CATEGORIES)
    throw new TreeFull({ current: { depth, categories: there } });
}

const BATCH = 500;

/** Brings what the platform keeps of sales up to a category, on all products in and below it. Safe to repeat. */
export async function applyCategory(id: Id): Promise<void> {
  const below = await Categories.find({ path: id } as never, { _id: 1 })
    .limit(MOST_CATEGORIES)
    .lean();
  for (const { _id: category } of below) {
    const commissionBps = commissionOf(await categoriesDownTo(category)) ?? null;
    for (;;) {
      const late = await Products.find(
        { category, commissionBps: { $ne: commissionBps } } as never,
        { _id: 1 },
      )
        .limit(BATCH)
        .lean();
      if (late.length === 0) break;
      await Products.updateMany(
        { _id: { $in: late.map(({ _id }) => _id) } },
        commissionBps === null ? { $unset: { commissionBps: 1 } } : { $set: { commissionBps } },
      );
    }
  }
}
