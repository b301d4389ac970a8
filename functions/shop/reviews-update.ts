import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { changeReview } from '#domain/shop/change-review.ts';
import { ReviewInput } from '#domain/shop/handed-in.ts';
import { ReviewView, reviewViews } from '#domain/shop/review-list.ts';
import { ReviewClosed } from '#domain/shop/reviews.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const { text } = ReviewInput.shape;

export default endpoint({
  summary: 'Edit a review of yours, answer one as its seller, or mark one as helpful.',
  method: 'PUT',
  path: '/api/products/reviews/:reviewId',
  access: 'user',
  restrictedBy: 'comment',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ reviewId: idOf('review') }),
  body: z.discriminatedUnion('action', [
    ReviewInput.partial().extend({ action: z.literal('edit') }),
    z.strictObject({ action: z.literal('reply'), text: text.pipe(z.string().min(1)) }),
    z.strictObject({ action: z.literal('helpful'), helpful: z.boolean() }),
  ]),
  output: z.object({ review: ReviewView }),
  problems: [MediaNotReady, MediaUnusable, NotFound, ReviewClosed],

  handler: async ({ actor, params: { reviewId }, body, now }) => {
    const review = await changeReview(actor.id, reviewId, body, now);
    const [view] = await reviewViews(actor.id, [review]);
    if (!view) throw new NotFound();
    return { review: view };
  },
});
