import { cleanText } from '#domain/content/caption-text.ts';
import { mediaOf } from '#domain/content/publish-content.ts';
import {
  type Asset,
  type AssetId,
  assetById,
  DEAD,
  deleteAssetObjects,
  MediaUnusable,
  ownAsset,
} from '#domain/media/assets.ts';
import { after, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, problem } from '#platform/problem.ts';
import type { StoredStory, StoryId } from './stories.ts';
import { Stories, type StoryAudience, type StoryStatus } from './story.model.ts';
import { StoryCreated, StoryDeleted, StorySubmitted } from './story-events.ts';

export class StoryAssetUsed extends problem({
  code: 'asset_already_used',
  status: 409,
  error: 'This file is already shown in another story',
}) {}

const LIFE_MS = hours(24);
/** How long a story is kept after its end, for reports about it. */
const EVIDENCE_MS = hours(48);

export interface NewStory {
  readonly author: Id<'user'>;
  readonly assetId: AssetId;
  readonly audience: StoryAudience;
  readonly caption: string;
  readonly operationId: string;
}

/**
 * Tells a story. It is visible at once when its asset is ready, and else from when that becomes ready; its 24
 * hours begin then. Throws `NotFound`, `MediaUnusable` or `StoryAssetUsed`.
 */
export async function createStory(wish: NewStory, now: Date): Promise<StoredStory> {
  const { author, assetId, audience, operationId } = wish;
  return transaction(async () => {
    const earlier = await Stories.findOne({ asset: assetId }).lean();
    if (earlier) {
      const same = sameId(earlier.author, author) && earlier.operation === operationId;
      if (!same) throw new StoryAssetUsed({ field: 'assetId' });
      return earlier;
    }
    const asset = await storyAsset(author, assetId);
    const [story] = await Stories.create([
      {
        author,
        asset: assetId,
        audience,
        caption: cleanText(wish.caption),
        expiresAt: after(now, LIFE_MS),
        operation: operationId,
      },
    ]);
    if (!story) throw new Error('the story was not created');
    const ids = { storyId: story._id, authorId: author, assetId };
    await publish(StorySubmitted, ids, { now, actor: author });
    return settle(story.toObject<StoredStory>(), asset, now);
  });
}

async function storyAsset(author: Id<'user'>, assetId: AssetId): Promise<Asset> {
  const asset = await ownAsset(author, assetId);
  const { purpose, status } = asset;
  if (purpose !== 'story')
    throw new MediaUnusable({
      field: 'assetId',
      details: [`assetId: uploaded as ${purpose}, not as story`],
    });
  if (DEAD.includes(status) || status === 'failed')
    throw new MediaUnusable({ field: 'assetId', current: { status } });
  return asset;
}

/** Brings the story of an asset to where the asset now is, whatever event told of it. */
export async function settleStory(assetId: AssetId, now: Date): Promise<void> {
  await transaction(async () => {
    const story = await Stories.findOne({ asset: assetId }).lean();
    const asset = story && (await assetById(assetId));
    if (story && asset) await settle(story, asset, now);
  });
}

const WAITING: readonly StoryStatus[] = ['processing', 'failed'];
const ENDED: Readonly<Partial<Record<Asset['status'], StoryStatus>>> = {
  rejected: 'rejected',
  failed: 'failed',
  expired: 'failed',
};

async function settle(story: StoredStory, asset: Asset, now: Date): Promise<StoredStory> {
  const { _id, author, status } = story;
  if (!WAITING.includes(status)) return story;
  const change =
    asset.status === 'ready'
      ? {
          status: 'live' as const,
          media: mediaOf(asset),
          publishedAt: now,
          expiresAt: after(now, LIFE_MS),
        }
      : { status: ENDED[asset.status] ?? status };
  if (change.status === status) return story;
  const changed = await Stories.findOneAndUpdate(
    { _id, status },
    { $set: change },
    { returnDocument: 'after' },
  ).lean();
  if (!changed) return story;
  if (changed.status === 'live') {
    const ids = { storyId: _id, authorId: author, assetId: asset._id };
    await publish(StoryCreated, ids, { now, actor: author });
  }
  return changed;
}

/** Takes the author's own story away, for everybody and at once. Throws `NotFound`. */
export async function deleteStory(author: Id<'user'>, id: StoryId, now: Date): Promise<void> {
  await transaction(async () => {
    const story = await Stories.findOneAndUpdate(
      { _id: id, author, status: { $nin: ['deleted', 'expired'] } },
      { $set: { status: 'deleted', purgeAt: after(now, EVIDENCE_MS) } },
    ).lean();
    if (!story) throw new NotFound();
    const ids = { storyId: id, authorId: author, assetId: story.asset };
    await publish(StoryDeleted, ids, { now, actor: author });
  });
}

/** Stories whose time is over and who do not say so yet. */
export const storiesOver = (now: Date, limit: number): Promise<StoredStory[]> =>
  Stories.find({ status: { $in: ['live', 'failed', 'rejected'] }, expiresAt: { $lte: now } })
    .sort({ expiresAt: 1, _id: 1 })
    .limit(limit)
    .lean()
    .exec();

export async function expireStory({ _id, status, expiresAt }: StoredStory): Promise<void> {
  await Stories.updateOne(
    { _id, status },
    { $set: { status: 'expired', purgeAt: after(expiresAt, EVIDENCE_MS) } },
  );
}

/** Stories that nobody can ask about any more. */
export const storiesToPurge = (now: Date, limit: number): Promise<StoredStory[]> =>
  Stories.find({ purgeAt: { $lte: now } })
    .sort({ purgeAt: 1, _id: 1 })
    .limit(limit)
    .lean()
    .exec();

/** Deletes what a story showed and then the story: a run that died between the two is done again. */
export async function purgeStory({ _id, asset }: StoredStory): Promise<void> {
  await deleteAssetObjects(asset);
  await Stories.deleteOne({ _id });
}
