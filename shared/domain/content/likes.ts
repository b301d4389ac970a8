import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { Id } from '#platform/id.ts';
import { inTurn } from '#platform/in-turn.ts';
import { publish } from '#platform/outbox.ts';
import { ContentLiked, ContentUnliked } from './content-events.ts';
import {
  type ContentId,
  publishedContent,
  type StoredContent,
  visibleContent,
} from './contents.ts';
import { countOf } from './counters.ts';
import { Likes } from './like.model.ts';
import { at } from './target.ts';

/** Likes a content; once more changes nothing. Returns the number of likes. Throws `NotFound`. */
export async function likeContent(user: Id<'user'>, id: ContentId, now: Date): Promise<number> {
  const content = await publishedContent(user, id);
  return tap(user, id, () => like(user, content, now));
}

/** Takes a like back; once more changes nothing. Returns the number of likes. Throws `NotFound`. */
export async function unlikeContent(user: Id<'user'>, id: ContentId, now: Date): Promise<number> {
  const content = await visibleContent(user, id);
  return tap(user, id, () => unlike(user, content, now));
}

/** Taps of one person on one content meet at their edge: who comes second finds it there. */
const tap = (user: Id<'user'>, id: ContentId, work: () => Promise<number>): Promise<number> =>
  inTurn(`like:${user.toHexString()}:${id.toHexString()}`, async () => {
    try {
      return await transaction(work);
    } catch (error) {
      if (duplicateKey(error) === undefined) throw error;
      return transaction(work);
    }
  });

async function like(user: Id<'user'>, content: StoredContent, now: Date): Promise<number> {
  const { _id, creator } = content;
  const target = { type: 'content', id: _id } as const;
  const edge = await Likes.findOne({ user, ...at(target) }).lean();
  if (!edge?.liked) {
    if (edge)
      await Likes.updateOne({ _id: edge._id }, { $set: { liked: true }, $unset: { pending: 1 } });
    else await Likes.create([{ user, target, pending: true }]);
    const ids = { contentId: _id, creatorId: creator, userId: user };
    await publish(ContentLiked, ids, { now, actor: user });
    await notify(
      {
        user: creator,
        type: 'like',
        actor: user,
        subject: target,
        groupKey: `like:${_id.toHexString()}`,
      },
      now,
    );
  }
  return countOf(_id, 'likes');
}

async function unlike(user: Id<'user'>, content: StoredContent, now: Date): Promise<number> {
  const { _id, creator } = content;
  const edge = await Likes.findOne({ user, ...at({ type: 'content', id: _id }) }).lean();
  if (edge?.liked) {
    if (edge.counted)
      await Likes.updateOne({ _id: edge._id }, { $set: { liked: false, pending: true } });
    else await Likes.deleteOne({ _id: edge._id });
    const ids = { contentId: _id, creatorId: creator, userId: user };
    await publish(ContentUnliked, ids, { now, actor: user });
  }
  return countOf(_id, 'likes');
}

/** Which of these the user likes. */
export async function likedAmong(
  user: Id<'user'>,
  ids: readonly ContentId[],
): Promise<ReadonlySet<string>> {
  const edges = await Likes.find(
    { user, 'target.type': 'content', 'target.id': { $in: [...ids] }, liked: true },
    { target: 1 },
  ).lean();
  return new Set(edges.map(({ target }) => target.id.toHexString()));
}
