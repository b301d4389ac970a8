import { type Asset, assetForContent } from '#domain/media/assets.ts';
import { setting } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { problem, ValidationFailed } from '#platform/problem.ts';
import { cleanText, hashtagsIn, mentionsIn } from './caption-text.ts';
import { type Content, type ContentStatus, Contents, type Visibility } from './content.model.ts';
import { ContentCreated } from './content-events.ts';
import type { ContentId } from './contents.ts';
import { settle } from './publish-content.ts';

export class AssetAlreadyUsed extends problem({
  code: 'asset_already_used',
  status: 409,
  error: 'This file is already shown in another content',
}) {}

export interface NewContent {
  readonly creator: Id<'user'>;
  readonly assetId: Asset['_id'];
  readonly caption: string;
  readonly visibility: Visibility;
  readonly labels: Content['labels'];
  readonly allow: Content['allow'];
  readonly wantsCaptions: boolean;
  readonly language: string | undefined;
  /** A repeat of the same operation finds what it made. */
  readonly operationId: string;
}

interface Made {
  readonly _id: ContentId;
  readonly status: ContentStatus;
}

/**
 * Takes in a content. It is published at once when its asset is ready, and by `publishContent` when that
 * becomes ready later. Throws `NotFound`, `MediaUnusable`, `AssetAlreadyUsed` or `ValidationFailed`.
 */
export async function createContent(wish: NewContent, now: Date): Promise<Made> {
  const caption = await checkedCaption(wish.caption);
  return transaction(async () => {
    const earlier = await Contents.findOne({ asset: wish.assetId }).lean();
    if (earlier) return replayed(earlier, wish);
    const asset = await assetForContent(wish.creator, wish.assetId);
    const [content] = await Contents.create([
      {
        creator: wish.creator,
        asset: asset._id,
        caption,
        visibility: wish.visibility,
        hashtags: hashtagsIn(caption),
        mentions: mentionsIn(caption),
        labels: wish.labels,
        allow: wish.allow,
        wantsCaptions: wish.wantsCaptions,
        ...(wish.language && { language: wish.language }),
        operation: wish.operationId,
      },
    ]);
    if (!content) throw new Error('the content was not created');
    const ids = { contentId: content._id, creatorId: wish.creator, assetId: asset._id };
    await publish(ContentCreated, ids, { now, actor: wish.creator });
    return { _id: content._id, status: await settle(content.toObject(), asset, now) };
  });
}

function replayed(earlier: Content & Made, { creator, operationId }: NewContent): Made {
  const same = sameId(earlier.creator, creator) && earlier.operation === operationId;
  if (!same) throw new AssetAlreadyUsed({ field: 'assetId' });
  return { _id: earlier._id, status: earlier.status };
}

/** A caption as it is stored. Throws `ValidationFailed` for one that is too long. */
export async function checkedCaption(text: string): Promise<string> {
  const caption = cleanText(text);
  const most = await setting('content.captionLength');
  if (caption.length > most)
    throw new ValidationFailed({
      field: 'caption',
      details: [`caption: at most ${most} characters`],
    });
  return caption;
}
