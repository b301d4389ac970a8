import { type AssetId, deleteAssetObjects } from '#domain/media/assets.ts';
import { after, days } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { deleteCaptionsOf } from './captions.ts';
import { Comments } from './comment.model.ts';
import { Contents } from './content.model.ts';
import { Likes } from './like.model.ts';
import { at } from './target.ts';
import { Views } from './view.model.ts';

/** How long a deleted content can still be brought back by support. */
const KEPT_DAYS = 30;

export interface Purgeable {
  readonly _id: Id<'content'>;
  readonly asset: AssetId;
}

/** Contents deleted longer ago than they are kept, the oldest first. */
export const contentsToPurge = (now: Date, limit: number): Promise<Purgeable[]> =>
  Contents.find(
    { status: 'deleted', deletedAt: { $lte: after(now, -days(KEPT_DAYS)) } },
    { asset: 1 },
  )
    .sort({ deletedAt: 1, _id: 1 })
    .limit(limit)
    .lean<Purgeable[]>();

/** Removes a deleted content for good: its objects, what hangs on it, and last its row. Safe to repeat. */
export async function purgeContent({ _id, asset }: Purgeable): Promise<void> {
  const target = at({ type: 'content', id: _id });
  await deleteCaptionsOf(_id);
  await deleteAssetObjects(asset);
  await Comments.deleteMany(target);
  await Likes.deleteMany(target);
  await Views.deleteMany(target);
  await Contents.deleteOne({ _id, status: 'deleted' });
}
