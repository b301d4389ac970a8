import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { relationOf } from '#domain/users/relations.ts';
import { after, days } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { ReviewCreated, ReviewUpdated } from './product-events.ts';
import { ProductTallies } from './product-tally.model.ts';
import { type Review, Reviews } from './review.model.ts';
import { ReviewMarks } from './review-mark.model.ts';

export class AlreadyReviewed extends problem({
  code: 'already_reviewed',
  status: 409,
  error: 'You have reviewed this purchase',
}) {}
export class ReviewClosed extends problem({
  code: 'review_closed',
  status: 409,
  error: 'This review can no longer be edited',
}) {}

export type ReviewRow = Review & Stored & { readonly _id: Id<'review'> };

/** A line of an order that has arrived, as its buyer proved it. */
export interface Purchased {
  readonly order: Id<'order'>;
  readonly line: Id<'line'>;
  readonly product: Id<'product'>;
  readonly variant: Id<'variant'>;
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
}

export interface ReviewWish {
  readonly rating: number;
  readonly text: string;
  readonly media: Review['media'];
}

/**
 * Says what a buyer thinks of what they got, once for each line. The product's average follows
 * soon. Throws `AlreadyReviewed`.
 */
export async function createReview(
  author: Id<'user'>,
  bought: Purchased,
  wish: ReviewWish,
  now: Date,
): Promise<ReviewRow> {
  return transaction(async () => {
    const row = { ...bought, ...wish, author, hasMedia: wish.media.length > 0 };
    const review = await insertReview(row);
    const { _id, product, shop, seller, rating } = review;
    await ProductTallies.create([{ product, reviews: 1, stars: rating }]);
    const ids = { productId: product, shopId: shop, reviewId: _id, authorId: author };
    await publish(ReviewCreated, { ...ids, rating }, { now, actor: author });
    const subject = { type: 'review', id: _id };
    const groupKey = `review:${product.toHexString()}`;
    await notify({ user: seller, type: 'review_received', actor: author, subject, groupKey }, now);
    return review;
  });
}

async function insertReview(row: object): Promise<ReviewRow> {
  try {
    const [created] = await Reviews.create([row as never]);
    if (!created) throw new Error('the review was not created');
    return created.toObject<ReviewRow>();
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    throw new AlreadyReviewed({ cause: error });
  }
}

export interface ReviewEdit {
  readonly rating?: number | undefined;
  readonly text?: string | undefined;
  readonly media?: Review['media'] | undefined;
}

/** Changes the author's own review, for some days. Throws `NotFound` or `ReviewClosed`. */
export async function editReview(
  author: Id<'user'>,
  id: Id<'review'>,
  { rating, text, media }: ReviewEdit,
  now: Date,
): Promise<ReviewRow> {
  const open = days(await setting('reviews.editDays'));
  return transaction(async () => {
    const before = await Reviews.findOne({ _id: id, author }).lean<ReviewRow>();
    if (!before) throw new NotFound();
    const until = after(before.createdAt, open);
    if (until < now) throw new ReviewClosed({ until });
    const edited = await Reviews.findOneAndUpdate(
      { _id: id, author, rating: before.rating },
      {
        $set: {
          ...(rating !== undefined && { rating }),
          ...(text !== undefined && { text }),
          ...(media && { media, hasMedia: media.length > 0 }),
          editedAt: now,
        },
      },
      { returnDocument: 'after' },
    ).lean<ReviewRow>();
    if (!edited) throw new NotFound();
    const { product } = before;
    const stars = edited.rating - before.rating;
    if (stars !== 0) await ProductTallies.create([{ product, stars }]);
    await announce(edited, 'edited', author, now);
    return edited;
  });
}

/** Answers a review as the one who sold; once more replaces the answer. Throws `NotFound`. */
export async function replyToReview(
  seller: Id<'user'>,
  id: Id<'review'>,
  text: string,
  now: Date,
): Promise<ReviewRow> {
  return transaction(async () => {
    const review = await Reviews.findOneAndUpdate(
      { _id: id, seller, status: 'visible' },
      { $set: { reply: { text, at: now } } },
      { returnDocument: 'after' },
    ).lean<ReviewRow>();
    if (!review) throw new NotFound();
    await announce(review, 'replied', seller, now);
    const subject = { type: 'review', id };
    const groupKey = `reply:${id.toHexString()}`;
    const { author: user } = review;
    await notify({ user, type: 'review_replied', actor: seller, subject, groupKey }, now);
    return review;
  });
}

/**
 * Marks a review as helpful to this reader, or takes that back; once more changes nothing. Nobody
 * marks their own. Throws `NotFound`.
 */
export async function markHelpful(
  user: Id<'user'>,
  id: Id<'review'>,
  helpful: boolean,
  now: Date,
): Promise<ReviewRow> {
  return transaction(async () => {
    const review = await Reviews.findOne({ _id: id, status: 'visible' }).lean<ReviewRow>();
    if (!review || sameId(review.author, user)) throw new NotFound();
    const { blocked } = await relationOf(user, review.author);
    if (blocked) throw new NotFound();
    const changed = helpful ? await addMark(user, id) : await removeMark(user, id);
    if (!changed) return review;
    const marked = await Reviews.findOneAndUpdate(
      { _id: id },
      { $inc: { helpful: helpful ? 1 : -1 } },
      { returnDocument: 'after' },
    ).lean<ReviewRow>();
    if (!marked) throw new NotFound();
    await announce(marked, 'marked', user, now);
    return marked;
  });
}

async function addMark(user: Id<'user'>, review: Id<'review'>): Promise<boolean> {
  const { upsertedCount } = await ReviewMarks.updateOne(
    { user, review },
    { $setOnInsert: { user, review } },
    { upsert: true },
  );
  return upsertedCount === 1;
}

async function removeMark(user: Id<'user'>, review: Id<'review'>): Promise<boolean> {
  const { deletedCount } = await ReviewMarks.deleteOne({ user, review });
  return deletedCount === 1;
}

const announce = (
  { _id, product, shop, author }: ReviewRow,
  change: 'edited' | 'replied' | 'marked',
  actor: Id<'user'>,
  now: Date,
) => {
  const ids = { productId: product, shopId: shop, reviewId: _id, authorId: author };
  return publish(ReviewUpdated, { ...ids, change }, { now, actor });
};

/** Which of these the reader found helpful. */
export async function markedAmong(
  user: Id<'user'>,
  ids: readonly Id<'review'>[],
): Promise<ReadonlySet<string>> {
  const marks = await ReviewMarks.find({ user, review: { $in: [...ids] } }, { review: 1 }).lean();
  return new Set(marks.map(({ review }) => review.toHexString()));
}
