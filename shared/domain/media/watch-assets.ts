import { after, hours, minutes } from '#platform/clock.ts';
import { objectInfo } from '#platform/storage.ts';
import { expireAsset, failAsset, MAX_ATTEMPTS, requeueAsset } from './asset-state.ts';
import { type Asset, AWAITED, deleteObjectsOf, WORKED_ON } from './assets.ts';
import { type AssetStatus, MediaAssets } from './media-asset.model.ts';
import { receiveObject } from './uploads.ts';

/** Longer than a queue, shorter than the patience of somebody who waits for their video. */
const NOT_BEGUN_MS = minutes(10);
/** A worker that lives writes every few seconds. */
const SILENT_MS = minutes(2);
const HOPELESS_MS = hours(24);

/** Assets whose time is up: uploads never finished, and failures nobody tried again. */
export const overdueAssets = (now: Date, limit: number): Promise<Asset[]> =>
  // `$exists` repeats the index's own condition, without which not every engine uses it.
  MediaAssets.find({ expiresAt: { $exists: true, $lt: now } })
    .sort({ expiresAt: 1, _id: 1 })
    .limit(limit)
    .lean()
    .exec();

export async function endOverdue(asset: Asset, now: Date): Promise<void> {
  const { _id, bucket, object } = asset;
  if (!AWAITED.includes(asset.status)) {
    const { modifiedCount } = await MediaAssets.updateOne(
      { _id, expiresAt: { $lt: now } },
      { $unset: { expiresAt: 1 } },
    );
    if (modifiedCount > 0 && asset.status === 'failed') await deleteObjectsOf(asset);
    return;
  }
  const arrived = await objectInfo(bucket, object);
  if (arrived) await receiveObject({ ...arrived, bucket, name: object }, now);
  else await expireAsset(asset, now);
}

/** The states in which an asset may be stuck. */
export const STUCK_IN: readonly AssetStatus[] = ['uploaded', ...WORKED_ON];

/** Assets that nobody has touched for too long, the longest first. */
export const stuckAssets = (status: AssetStatus, now: Date, limit: number): Promise<Asset[]> => {
  const patience = status === 'uploaded' ? NOT_BEGUN_MS : SILENT_MS;
  return MediaAssets.find({ status, updatedAt: { $lt: after(now, -patience) } })
    .sort({ updatedAt: 1, _id: 1 })
    .limit(limit)
    .lean()
    .exec();
};

/** Asks for the work anew, or gives up after the third time or a day. */
export async function rescueAsset(asset: Asset, now: Date): Promise<void> {
  const { status, lease, attempts, uploadedAt, createdAt } = asset;
  const hopeless = attempts >= MAX_ATTEMPTS || (uploadedAt ?? createdAt) < after(now, -HOPELESS_MS);
  if (!hopeless) await requeueAsset(asset, now);
  else
    await failAsset(asset, 'timeout', now, { from: [status], ...(lease && { held: lease.token }) });
}
