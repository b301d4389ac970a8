import { z } from 'zod';
import { notify } from '#domain/notifications/notifications.ts';
import { line } from '#domain/users/words.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { PRODUCT_STATUSES, type ProductStatus, Products } from './product.model.ts';
import { CatalogueUpdated, ProductUpdated } from './product-events.ts';
import { type ProductRow, productById } from './products.ts';
import { shelvesOf } from './shelves.ts';

/** What staff decides about a listing. */
export const ProductVerdict = z
  .strictObject({
    kind: z.literal('product'),
    decision: z.enum(['approve', 'reject']).optional(),
    /** Where it stands on the front page, lower first; null takes it off. */
    featuredRank: z.int().min(0).max(100_000).nullable().optional(),
    /** Of a rejection its seller reads it. */
    reason: line(500).pipe(z.string().min(1)),
  })
  .refine(({ decision, featuredRank }) => decision !== undefined || featuredRank !== undefined, {
    path: ['decision'],
    message: 'decide something',
  });
export type ProductVerdict = z.infer<typeof ProductVerdict>;

/** From which states a decision leads to which. */
const DECISIONS: Readonly<
  Record<
    'approve' | 'reject',
    { readonly from: readonly ProductStatus[]; readonly to: ProductStatus }
  >
> = {
  approve: { from: ['in_review', 'rejected'], to: 'active' },
  reject: { from: ['in_review', 'active', 'paused'], to: 'rejected' },
};

/** A listing as staff decides about it. */
export const JudgedProduct = z.object({
  id: IdText,
  status: z.enum(PRODUCT_STATUSES),
  featuredRank: z.int().nullable(),
  rejection: z.string().nullable(),
});

export const toJudgedProduct = ({
  _id,
  status,
  featuredRank,
  rejection,
}: ProductRow): z.infer<typeof JudgedProduct> => ({
  id: _id.toHexString(),
  status,
  featuredRank: featuredRank ?? null,
  rejection: rejection ?? null,
});

export interface ProductJudgement {
  readonly before: ProductRow;
  readonly after: ProductRow;
}

/**
 * Approves, rejects or features a listing, and tells its seller what was decided. Only what
 * everybody sees can be featured. Throws `NotFound` or `Conflict` with the state.
 */
export const judgeProduct = (
  id: Id<'product'>,
  { decision, featuredRank, reason }: ProductVerdict,
  actor: Id<'user'>,
  now: Date,
): Promise<ProductJudgement> =>
  transaction(async () => {
    const before = await productById(id);
    if (!before) throw new NotFound();
    const rule = decision && DECISIONS[decision];
    if (rule && !rule.from.includes(before.status)) throw new Conflict({ current: before.status });
    const status = rule?.to ?? before.status;
    const shelves = shelvesOf({ ...before, status });
    if (typeof featuredRank === 'number' && shelves.length === 0)
      throw new Conflict({ current: status });
    const clear = {
      ...(decision === 'approve' && { rejection: 1 }),
      ...((featuredRank === null || status === 'rejected') && { featuredRank: 1 }),
    };
    const after = await Products.findOneAndUpdate(
      { _id: id, version: before.version },
      {
        $set: {
          ...{ status, shelves },
          ...(decision === 'approve' && { wishesDueAt: now }),
          ...(decision === 'reject' && { rejection: reason }),
          ...(typeof featuredRank === 'number' && { featuredRank }),
        },
        ...(Object.keys(clear).length > 0 && { $unset: clear }),
        $inc: { version: 1 },
      } as never,
      { returnDocument: 'after' },
    ).lean<ProductRow>();
    if (!after) throw new Conflict({ current: before.status });
    await tell(after, decision !== undefined, actor, now);
    return { before, after };
  });

async function tell(
  { _id, shop, seller, status }: ProductRow,
  decided: boolean,
  actor: Id<'user'>,
  now: Date,
): Promise<void> {
  await publish(CatalogueUpdated, { kind: 'product', itemId: _id }, { now, actor });
  if (!decided) return;
  await publish(ProductUpdated, { productId: _id, shopId: shop, status }, { now, actor });
  const subject = { type: 'product', id: _id };
  const groupKey = `listing:${_id.toHexString()}`;
  await notify({ user: seller, type: 'account_notice', subject, groupKey }, now);
}
