import { z } from 'zod';
import { relationsOf } from '#domain/users/relations.ts';
import { cardIn, cardsOf, UserCard } from '#domain/users/users.ts';
import { allOf } from '#platform/database.ts';
import { type Id, IdText, idOf } from '#platform/id.ts';
import { findPage, type Page, PageQuery } from '#platform/page.ts';
import { shownProduct } from './products.ts';
import { type Review, Reviews } from './review.model.ts';
import { markedAmong, type ReviewRow } from './reviews.ts';

export const ReviewQuery = PageQuery.extend({
  /** Exactly so many stars. */
  rating: z.coerce.number().int().min(1).max(5).optional(),
  /** Only those with pictures or videos. */
  media: z.stringbool().optional(),
  variant: idOf('variant').optional(),
  sort: z.enum(['newest', 'helpful']).default('newest'),
});
export type ReviewQuery = z.infer<typeof ReviewQuery>;

export const ReviewView = z.object({
  id: IdText,
  productId: IdText,
  variantId: IdText,
  author: UserCard,
  rating: z.int(),
  text: z.string(),
  media: z.array(z.object({ assetId: IdText, url: z.url(), thumbnailUrl: z.url() })),
  reply: z.object({ text: z.string(), at: z.iso.datetime() }).nullable(),
  helpful: z.int(),
  /** Whether the reader found it helpful; left out for guests. */
  marked: z.boolean().optional(),
  createdAt: z.iso.datetime(),
  editedAt: z.iso.datetime().nullable(),
});
type ReviewView = z.infer<typeof ReviewView>;

const toReviewView = (review: ReviewRow, author: UserCard, marked?: boolean): ReviewView => ({
  id: review._id.toHexString(),
  productId: review.product.toHexString(),
  variantId: review.variant.toHexString(),
  author,
  rating: review.rating,
  text: review.text,
  media: review.media.map(({ asset, url, thumbnailUrl }) => ({
    assetId: asset.toHexString(),
    url,
    thumbnailUrl,
  })),
  reply: review.reply ? { text: review.reply.text, at: review.reply.at.toISOString() } : null,
  helpful: review.helpful,
  ...(marked !== undefined && { marked }),
  createdAt: review.createdAt.toISOString(),
  editedAt: review.editedAt?.toISOString() ?? null,
});

/** These reviews as a reader sees them. */
export async function reviewViews(
  viewer: Id<'user'> | undefined,
  reviews: readonly ReviewRow[],
): Promise<ReviewView[]> {
  const [cards, marked] = await allOf([
    () => cardsOf(reviews.map(({ author }) => author)),
    async () =>
      viewer
        ? markedAmong(
            viewer,
            reviews.map(({ _id }) => _id),
          )
        : undefined,
  ]);
  return reviews.map((review) =>
    toReviewView(review, cardIn(cards, review.author), marked?.has(review._id.toHexString())),
  );
}

/** What buyers say of a product, without those whom the reader blocked or was blocked by. Throws `NotFound`. */
export async function reviewsOf(
  viewer: Id<'user'> | undefined,
  product: Id<'product'>,
  { rating, media, variant, sort, ...query }: ReviewQuery,
): Promise<Page<ReviewView>> {
  await shownProduct(product);
  const filter = {
    ...(rating !== undefined && { rating }),
    ...(media !== undefined && { hasMedia: media }),
    ...(variant && { variant }),
  };
  const page = await findPage<Review>({
    model: Reviews,
    where: { product, status: 'visible', ...filter },
    sort: { field: sort === 'helpful' ? 'helpful' : 'createdAt', direction: -1 },
    query,
    scope: `reviews:${product.toHexString()}:${sort}:${JSON.stringify(filter)}`,
  });
  const relations = await relationsOf(
    viewer,
    page.items.map(({ author }) => author),
  );
  const shown = page.items.filter(({ author }) => !relations.get(author.toHexString())?.blocked);
  return { ...page, items: await reviewViews(viewer, shown as readonly ReviewRow[]) };
}
