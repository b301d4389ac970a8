import { type Asset, type AssetId, assetById } from '#domain/media/assets.ts';
import { bumpProfileCount } from '#domain/users/users.ts';
import { transaction } from '#platform/database.ts';
import { publish } from '#platform/outbox.ts';
import { type ContentMedia, type ContentStatus, Contents } from './content.model.ts';
import { ContentPublished } from './content-events.ts';
import type { StoredContent } from './contents.ts';

/** What waits for its asset; what has failed waits again when its owner tries the asset again. */
const WAITING: readonly ContentStatus[] = ['processing', 'failed'];

/** Brings the content of an asset to where the asset now is, whatever event told of it. */
export async function settleAsset(assetId: AssetId, now: Date): Promise<void> {
  await transaction(async () => {
    const content = await Contents.findOne({ asset: assetId }).lean();
    const asset = content && (await assetById(assetId));
    if (content && asset) await settle(content, asset, now);
  });
}

/** Must be called inside a transaction. Returns the status the content has now. */
export async function settle(
  content: StoredContent,
  asset: Asset,
  now: Date,
): Promise<ContentStatus> {
  if (!WAITING.includes(content.status)) return content.status;
  if (asset.status === 'ready') return makeVisible(content, asset, now);
  const status = ENDED[asset.status];
  if (!status || status === content.status) return content.status;
  await Contents.updateOne(
    { _id: content._id, status: content.status },
    { $set: { status, ...(asset.failureCode && { failureCode: asset.failureCode }) } },
  );
  return status;
}

const ENDED: Readonly<Partial<Record<Asset['status'], ContentStatus>>> = {
  rejected: 'rejected',
  failed: 'failed',
  expired: 'failed',
};

/** The only place where a content becomes visible and its creator's counter goes up. */
async function makeVisible(
  content: StoredContent,
  asset: Asset,
  now: Date,
): Promise<ContentStatus> {
  const { _id, creator } = content;
  const { modifiedCount } = await Contents.updateOne(
    { _id, status: content.status },
    {
      $set: { status: 'published', publishedAt: now, media: mediaOf(asset) },
      $unset: { failureCode: 1 },
    },
  );
  if (modifiedCount === 0) return content.status;
  await publish(
    ContentPublished,
    {
      contentId: _id,
      creatorId: creator,
      assetId: asset._id,
      captions: content.wantsCaptions,
      language: content.language ?? null,
    },
    { now, actor: creator },
  );
  await bumpProfileCount(creator, 'content', 1);
  return 'published';
}

const KINDS = {
  video: 'video',
  hls: 'hls-master',
  poster: 'poster',
  preview: 'preview',
  image: 'image',
  thumbnail: 'thumbnail',
} as const;

/** What a list needs to know of an asset, small enough to be read with every card. */
export function mediaOf({ renditions, actual }: Asset): ContentMedia {
  const find = (kind: string) => renditions.find((rendition) => rendition.kind === kind);
  const main = find('video') ?? find('image');
  const objects = Object.entries(KINDS).flatMap(([name, kind]) => {
    const object = find(kind)?.object;
    return object ? [[name, object]] : [];
  });
  return {
    ...Object.fromEntries(objects),
    ...(main && { width: main.width, height: main.height }),
    ...(main && actual?.durationMs !== undefined && { durationMs: actual.durationMs }),
  };
}
