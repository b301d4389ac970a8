import { bumpProfileCount } from '#domain/users/users.ts';
import { transaction } from '#platform/database.ts';
import { NotFound } from '#platform/problem.ts';
import { sharing } from '#platform/share.ts';
import { Comments } from './comment.model.ts';
import { Contents, type Counts } from './content.model.ts';
import type { ContentId } from './contents.ts';
import { Likes } from './like.model.ts';
import { at } from './target.ts';
import { Views } from './view.model.ts';

/**
 * Every edge (a like, a view, a comment) says itself whether the counter of its content includes it, so the
 * true number is always the counter plus what the pending edges add. A person's request writes only their own
 * edge; a fold moves pending edges into the counter, mark and sum in one transaction.
 */
export type Counter = keyof Counts;

/** A fold is behind by at most so many edges before answers begin to lag. */
const MOST_PENDING = 10_000;
/** How many edges one transaction folds. */
const FOLD = 500;

const pending = (id: ContentId) => ({ ...at({ type: 'content', id }), pending: true as const });

/** What the pending edges add to each counter. */
const additions: Readonly<Record<Counter, (id: ContentId) => Promise<number>>> = {
  views: (id) => Views.countDocuments(pending(id)).limit(MOST_PENDING).exec(),
  likes: async (id) => {
    const waiting = await Likes.find(pending(id), { liked: 1 }).limit(MOST_PENDING).lean();
    return waiting.reduce((sum, { liked }) => sum + (liked ? 1 : -1), 0);
  },
  comments: async (id) => {
    const waiting = await Comments.find(pending(id), { status: 1 }).limit(MOST_PENDING).lean();
    return waiting.reduce((sum, { status }) => sum + (status === 'visible' ? 1 : -1), 0);
  },
};

/** The true number, as of one instant. Throws `NotFound` for a content that does not exist. */
export const countOf = (id: ContentId, counter: Counter): Promise<number> =>
  transaction(async () => (await stored(id))[counter] + (await additions[counter](id)));

/** All true numbers of a content, as of one instant. */
export const countsOf = (id: ContentId): Promise<Counts> =>
  transaction(async () => {
    const counts = await stored(id);
    return {
      views: counts.views + (await additions.views(id)),
      likes: counts.likes + (await additions.likes(id)),
      comments: counts.comments + (await additions.comments(id)),
    };
  });

async function stored(id: ContentId): Promise<Counts> {
  const content = await Contents.findById(id, { counts: 1 }).lean();
  if (!content) throw new NotFound();
  return content.counts;
}

const folding = sharing<void>();

/**
 * Moves everything pending into the counter. Calls for one counter that come together share a run that begins
 * after all of them, because side by side they would only make each other's transactions fail; that they are
 * right does not depend on it.
 */
export const fold = (id: ContentId, counter: Counter): Promise<void> =>
  folding(`${counter}:${id.toHexString()}`, async () => {
    while (await hasPending(id, counter)) await transaction(() => folds[counter](id));
  });

async function hasPending(id: ContentId, counter: Counter): Promise<boolean> {
  const edges = { views: Views, likes: Likes, comments: Comments }[counter];
  return (await edges.exists(pending(id) as never)) !== null;
}

const folds: Readonly<Record<Counter, (id: ContentId) => Promise<void>>> = {
  views: async (id) => {
    const waiting = await Views.find(pending(id), { _id: 1 }).limit(FOLD).lean();
    const ids = waiting.map(({ _id }) => _id);
    await Views.updateMany({ _id: { $in: ids } }, { $unset: { pending: 1 } });
    await add(id, 'views', ids.length);
  },
  likes: async (id) => {
    const waiting = await Likes.find(pending(id), { liked: 1 }).limit(FOLD).lean();
    const stay = waiting.filter(({ liked }) => liked).map(({ _id }) => _id);
    const go = waiting.filter(({ liked }) => !liked).map(({ _id }) => _id);
    if (stay.length > 0)
      await Likes.updateMany(
        { _id: { $in: stay } },
        { $set: { counted: true }, $unset: { pending: 1 } },
      );
    if (go.length > 0) await Likes.deleteMany({ _id: { $in: go } });
    const creator = await add(id, 'likes', stay.length - go.length);
    if (creator) await bumpProfileCount(creator, 'likes', stay.length - go.length);
  },
  comments: async (id) => {
    const waiting = await Comments.find(pending(id), { status: 1, parent: 1 }).limit(FOLD).lean();
    let sum = 0;
    const replies = new Map<string, number>();
    for (const { _id, status, parent } of waiting) {
      const by = status === 'visible' ? 1 : -1;
      await Comments.updateOne({ _id }, { $set: { counted: by === 1 }, $unset: { pending: 1 } });
      sum += by;
      if (parent) replies.set(parent.toHexString(), (replies.get(parent.toHexString()) ?? 0) + by);
    }
    for (const [parent, by] of replies)
      await Comments.updateOne({ _id: parent }, { $inc: { 'counts.replies': by } });
    await add(id, 'comments', sum);
  },
};

/** The counter itself is written last: it is what folds of different instances meet at. */
async function add(id: ContentId, counter: Counter, by: number) {
  if (by === 0) return undefined;
  const content = await Contents.findOneAndUpdate(
    { _id: id },
    { $inc: { [`counts.${counter}`]: by } },
    { projection: { creator: 1 } },
  ).lean();
  return content?.creator;
}
