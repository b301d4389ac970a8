import { Conflict } from '#platform/problem.ts';
import type { ProductStatus } from './product.model.ts';

export interface ListingChange {
  /** What buyers decide by is no longer what was looked at: title, category, media or options. */
  readonly material: boolean;
  /** What its seller wants it to be. */
  readonly wanted: 'active' | 'paused' | undefined;
  /** Staff looks at every listing of its category. */
  readonly restricted: boolean;
  /** Staff looks at material changes: the setting `shop.reviewMaterialChanges`. */
  readonly reviewed: boolean;
}

/**
 * What becomes of a listing when its seller changes it. Nothing that staff has not seen, or has
 * rejected, goes on sale by way of a pause. Throws `Conflict`.
 */
export function statusAfter(before: ProductStatus, change: ListingChange): ProductStatus {
  const { material, wanted, restricted, reviewed } = change;
  const looked = material && (reviewed || restricted) ? 'in_review' : undefined;
  switch (before) {
    case 'draft':
      if (wanted === 'paused') throw new Conflict({ current: before });
      return wanted === 'active' ? (restricted ? 'in_review' : 'active') : 'draft';
    case 'active':
    case 'paused':
      return looked ?? wanted ?? before;
    case 'rejected':
      if (material) return 'in_review';
      if (wanted) throw new Conflict({ current: before });
      return before;
    case 'in_review':
    case 'archived':
      if (wanted) throw new Conflict({ current: before });
      return before;
  }
}
