import type { Stored } from '#platform/collection.ts';
import { config } from '#platform/config.ts';
import type { Id } from '#platform/id.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { deleteObject, deletePrefix, publicUrl } from '#platform/storage.ts';
import { type AssetStatus, type MediaAsset, MediaAssets } from './media-asset.model.ts';
import { sentenceFor } from './media-codes.ts';
import { isVideo, type MediaPurpose } from './media-limits.ts';

export type Asset = MediaAsset & Stored;
export type AssetId = Id<'media'>;

export class MediaNotReady extends problem({
  code: 'media_not_ready',
  status: 409,
  error: 'This file is not ready yet',
}) {}
export class MediaUnusable extends problem({
  code: 'media_unusable',
  status: 409,
  error: 'This file cannot be used',
}) {}

/** The bytes are awaited. */
export const AWAITED: readonly AssetStatus[] = ['created', 'uploading'];
/** Somebody works on it, or did until they died. */
export const WORKED_ON: readonly AssetStatus[] = ['validating', 'processing'];
/** Nothing will ever come of it. `failed` is not among them: it may be tried again. */
export const DEAD: readonly AssetStatus[] = ['rejected', 'expired'];

/** Neither the system nor its owner will ever make anything of it. */
export const isLost = ({ status, expiresAt }: Asset): boolean =>
  DEAD.includes(status) || (status === 'failed' && expiresAt === undefined);

/** Who asks for an asset that is not theirs is told that there is none. */
export async function ownAsset(owner: Id<'user'>, assetId: AssetId): Promise<Asset> {
  const asset = await MediaAssets.findOne({ _id: assetId, owner }).lean();
  if (!asset) throw new NotFound();
  return asset;
}

export const assetById = (assetId: AssetId): Promise<Asset | null> =>
  MediaAssets.findById(assetId).lean().exec();

/**
 * The caller's own asset for one of the purposes, ready to be shown. Throws `NotFound`, `MediaNotReady`, or
 * `MediaUnusable` for one that never will be.
 */
export async function readyAssetOf(
  owner: Id<'user'>,
  assetId: AssetId,
  ...purposes: readonly [MediaPurpose, ...MediaPurpose[]]
): Promise<Asset> {
  const asset = await usableAsset(owner, assetId, purposes);
  if (asset.status !== 'ready')
    throw new MediaNotReady({ field: 'assetId', current: { status: asset.status } });
  return asset;
}

/** The caller's own video or photo for something that waits until it is ready. Throws `NotFound` or `MediaUnusable`. */
export const assetForContent = (owner: Id<'user'>, assetId: AssetId): Promise<Asset> =>
  usableAsset(owner, assetId, ['video', 'photo']);

async function usableAsset(
  owner: Id<'user'>,
  assetId: AssetId,
  purposes: readonly MediaPurpose[],
): Promise<Asset> {
  const asset = await ownAsset(owner, assetId);
  const { status, failureCode } = asset;
  if (!purposes.includes(asset.purpose))
    throw new MediaUnusable({
      field: 'assetId',
      details: [`assetId: uploaded as ${asset.purpose}, not as ${purposes.join(' or ')}`],
    });
  if (DEAD.includes(status) || status === 'failed')
    throw new MediaUnusable({
      field: 'assetId',
      current: { status, code: failureCode },
      ...(failureCode && { details: [sentenceFor(failureCode)] }),
    });
  return asset;
}

export interface MediaUrls {
  /** The video as one file that plays everywhere. */
  readonly videoUrl: string | null;
  readonly hlsUrl: string | null;
  readonly posterUrl: string | null;
  /** Three muted seconds. */
  readonly previewUrl: string | null;
  readonly imageUrl: string | null;
  readonly thumbnailUrl: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationSeconds: number | null;
}

/** Where the public finds what was made of an asset; all null until it is ready. */
export function mediaUrls({
  renditions,
  actual,
}: Pick<MediaAsset, 'renditions' | 'actual'>): MediaUrls {
  const find = (kind: string) => renditions.find((rendition) => rendition.kind === kind);
  const urlOf = (kind: string): string | null => {
    const found = find(kind);
    return found ? publicUrl(found.object) : null;
  };
  const main = find('video') ?? find('image');
  return {
    videoUrl: urlOf('video'),
    hlsUrl: urlOf('hls-master'),
    posterUrl: urlOf('poster') ?? urlOf('image'),
    previewUrl: urlOf('preview'),
    imageUrl: urlOf('image'),
    thumbnailUrl: urlOf('thumbnail') ?? urlOf('poster'),
    width: main?.width ?? null,
    height: main?.height ?? null,
    durationSeconds: main && actual?.durationMs !== undefined ? actual.durationMs / 1000 : null,
  };
}

/** Where everything that is made of an asset lies: `videos/<owner>/<asset>`, the same for every attempt. */
export const folderOf = ({
  _id,
  owner,
  declared,
}: Pick<Asset, '_id' | 'owner' | 'declared'>): string =>
  `${isVideo(declared.mime) ? 'videos' : 'images'}/${owner.toHexString()}/${_id.toHexString()}`;

export const audioObjectOf = (asset: Pick<Asset, '_id' | 'owner' | 'declared'>): string =>
  `audio/${asset.owner.toHexString()}/${asset._id.toHexString()}.flac`;

/** Deletes the bytes as they were uploaded. Safe to repeat. */
export const deleteOriginal = ({ bucket, object }: Asset): Promise<void> =>
  deleteObject(bucket, object);

/** Deletes every object that an asset may have anywhere. Safe to repeat. */
export async function deleteObjectsOf(asset: Asset): Promise<void> {
  const { MEDIA_BUCKET, CAPTIONS_BUCKET } = config();
  await Promise.all([
    deleteOriginal(asset),
    deletePrefix(MEDIA_BUCKET, `${folderOf(asset)}/`),
    deleteObject(CAPTIONS_BUCKET, audioObjectOf(asset)),
  ]);
}

/** Deletes an asset that nothing shows any more: first its objects, then its row. Safe to repeat. */
export async function deleteAssetObjects(assetId: AssetId): Promise<void> {
  const asset = await assetById(assetId);
  if (!asset) return;
  await deleteObjectsOf(asset);
  await MediaAssets.deleteOne({ _id: assetId });
}
