import { bumpProfileCount } from '#domain/users/users.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound } from '#platform/problem.ts';
import { hashtagsIn, mentionsIn } from './caption-text.ts';
import { type Content, Contents, type Visibility } from './content.model.ts';
import { ContentDeleted, ContentUpdated } from './content-events.ts';
import { type ContentId, contentOwnedBy, type StoredContent } from './contents.ts';
import { checkedCaption } from './create-content.ts';

const MOST_EDITS = 20;

type Some<Fields> = { readonly [Field in keyof Fields]?: Fields[Field] | undefined };

export interface ContentChange {
  readonly caption?: string | undefined;
  readonly visibility?: Visibility | undefined;
  readonly labels?: Some<Content['labels']> | undefined;
  readonly allow?: Some<Content['allow']> | undefined;
}

/** Changes the owner's own content. Throws `NotFound` or `ValidationFailed`. */
export async function updateContent(
  owner: Id<'user'>,
  id: ContentId,
  change: ContentChange,
  now: Date,
): Promise<StoredContent> {
  const caption = change.caption === undefined ? undefined : await checkedCaption(change.caption);
  return transaction(async () => {
    const before = await contentOwnedBy(owner, id);
    const rewritten = caption !== undefined && caption !== before.caption;
    const after = await Contents.findOneAndUpdate(
      { _id: id, creator: owner, status: before.status },
      {
        $set: {
          ...(rewritten && {
            caption,
            hashtags: hashtagsIn(caption),
            mentions: mentionsIn(caption),
          }),
          ...(change.visibility && { visibility: change.visibility }),
          ...(change.labels && { labels: { ...before.labels, ...change.labels } }),
          ...(change.allow && { allow: { ...before.allow, ...change.allow } }),
        },
        ...(rewritten && {
          $push: {
            edits: { $each: [{ at: now, caption: before.caption }], $slice: -MOST_EDITS },
          },
        }),
      },
      { returnDocument: 'after' },
    ).lean();
    if (!after) throw new NotFound();
    await publish(ContentUpdated, { contentId: id, creatorId: owner }, { now, actor: owner });
    return after;
  });
}

/** Takes the owner's content away, for everybody and at once. Throws `NotFound`. */
export async function deleteContent(owner: Id<'user'>, id: ContentId, now: Date): Promise<void> {
  await transaction(async () => {
    const before = await Contents.findOneAndUpdate(
      { _id: id, creator: owner, status: { $ne: 'deleted' } },
      { $set: { status: 'deleted', deletedAt: now } },
    ).lean();
    if (!before) throw new NotFound();
    const ids = { contentId: id, creatorId: owner, assetId: before.asset };
    await publish(ContentDeleted, ids, { now, actor: owner });
    if (before.publishedAt) await bumpProfileCount(owner, 'content', -1);
  });
}
