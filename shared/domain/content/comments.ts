import { z } from 'zod';
import { notify } from '#domain/notifications/notifications.ts';
import { relationOf, relationsOf } from '#domain/users/relations.ts';
import { cardIn, cardsOf, idsOfUsernames, settingsOf, UserCard } from '#domain/users/users.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { NotFound, problem, ValidationFailed } from '#platform/problem.ts';
import { cleanText, mentionsIn } from './caption-text.ts';
import { type Comment, Comments } from './comment.model.ts';
import { CommentCreated } from './content-events.ts';
import { type ContentId, publishedContent, type StoredContent } from './contents.ts';
import { countOf } from './counters.ts';
import { at } from './target.ts';

export class CommentsClosed extends problem({
  code: 'comments_closed',
  status: 403,
  error: 'Comments are closed',
}) {}

export type StoredComment = Comment & Stored;

export const COMMENT_LENGTH = 1000;

export interface NewComment {
  readonly author: Id<'user'>;
  readonly contentId: ContentId;
  readonly text: string;
  readonly parentId: Id<'comment'> | undefined;
}

/**
 * Says something under a content, or in the thread of another comment. Throws `NotFound`, `CommentsClosed` or
 * `ValidationFailed`.
 */
export async function createComment(
  wish: NewComment,
  now: Date,
): Promise<{ readonly comment: StoredComment; readonly commentCount: number }> {
  const { author, contentId } = wish;
  const text = cleanText(wish.text);
  if (!text) throw new ValidationFailed({ field: 'text', details: ['text: must not be empty'] });
  const content = await publishedContent(author, contentId);
  await checkOpen(author, content);
  const answered = wish.parentId ? await visibleComment(contentId, wish.parentId) : undefined;
  const mentioned = await idsOfUsernames(mentionsIn(text));
  return transaction(async () => {
    const [created] = await Comments.create([
      {
        target: { type: 'content', id: contentId },
        author,
        parent: answered ? (answered.parent ?? answered._id) : null,
        text,
        pending: true,
      },
    ]);
    if (!created) throw new Error('the comment was not created');
    await publish(
      CommentCreated,
      {
        contentId,
        creatorId: content.creator,
        commentId: created._id,
        authorId: author,
        parentId: created.parent ?? undefined,
      },
      { now, actor: author },
    );
    await tellAbout(author, content, answered, mentioned, now);
    const commentCount = await countOf(contentId, 'comments');
    return { comment: created.toObject<StoredComment>(), commentCount };
  });
}

async function visibleComment(contentId: ContentId, id: Id<'comment'>): Promise<StoredComment> {
  const target = at({ type: 'content', id: contentId });
  const comment = await Comments.findOne({ _id: id, ...target, status: 'visible' }).lean();
  if (!comment) throw new NotFound({ field: 'parentId' });
  return comment;
}

/** Whether this person may comment here, by the content and by its creator's own wish. */
async function checkOpen(author: Id<'user'>, content: StoredContent): Promise<void> {
  if (!content.allow.comments) throw new CommentsClosed();
  if (sameId(content.creator, author)) return;
  const { privacy } = await settingsOf(content.creator);
  if (privacy.comment === 'everyone') return;
  const { follows, friends } = await relationOf(author, content.creator);
  const welcome =
    privacy.comment === 'followers' ? follows : privacy.comment === 'friends' && friends;
  if (!welcome) throw new CommentsClosed();
}

/** Each person once, for the nearest of the reasons. */
async function tellAbout(
  author: Id<'user'>,
  { _id, creator }: StoredContent,
  answered: StoredComment | undefined,
  mentioned: readonly Id<'user'>[],
  now: Date,
): Promise<void> {
  const subject = { type: 'content', id: _id };
  const told = new Set<string>();
  const tell = async (user: Id<'user'>, type: 'reply' | 'mention' | 'comment') => {
    if (told.has(user.toHexString())) return;
    told.add(user.toHexString());
    const groupKey = `${type}:${_id.toHexString()}`;
    await notify({ user, type, actor: author, subject, groupKey }, now);
  };
  if (answered) await tell(answered.author, 'reply');
  for (const user of mentioned) await tell(user, 'mention');
  await tell(creator, 'comment');
}

/** The first comments of the threads, latest first; or the answers in one thread, in order. */
export async function commentsOf(
  viewer: Id<'user'> | undefined,
  contentId: ContentId,
  parent: Id<'comment'> | undefined,
  query: PageQuery,
): Promise<Page<z.infer<typeof CommentView>>> {
  await publishedContent(viewer, contentId);
  const target = at({ type: 'content', id: contentId });
  const page = await findPage<Comment>({
    model: Comments,
    where: parent
      ? { parent, status: 'visible', ...target }
      : { ...target, parent: null, status: 'visible' },
    sort: { field: 'createdAt', direction: parent ? 1 : -1 },
    query,
    scope: `comments:${contentId.toHexString()}:${parent?.toHexString() ?? ''}`,
  });
  const authors = page.items.map(({ author }) => author);
  const [cards, relations] = await Promise.all([cardsOf(authors), relationsOf(viewer, authors)]);
  const shown = page.items.filter(({ author }) => !relations.get(author.toHexString())?.blocked);
  const items = shown.map((comment) => toCommentView(comment, cardIn(cards, comment.author)));
  return { ...page, items };
}

export const CommentView = z.object({
  id: IdText,
  text: z.string(),
  author: UserCard,
  parentId: IdText.nullable(),
  pinned: z.boolean(),
  likeCount: z.int(),
  replyCount: z.int(),
  createdAt: z.iso.datetime(),
});

export const toCommentView = (
  comment: StoredComment,
  author: UserCard,
): z.infer<typeof CommentView> => ({
  id: comment._id.toHexString(),
  text: comment.text,
  author,
  parentId: comment.parent?.toHexString() ?? null,
  pinned: comment.pinned,
  likeCount: comment.counts.likes,
  replyCount: comment.counts.replies,
  createdAt: comment.createdAt.toISOString(),
});
