import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { purchasedLine } from '#domain/orders/purchases.ts';
import { ReviewInput } from '#domain/shop/handed-in.ts';
import { shownMedia } from '#domain/shop/product-media.ts';
import { ReviewView, reviewViews } from '#domain/shop/review-list.ts';
import { AlreadyReviewed, createReview } from '#domain/shop/reviews.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf, sameId } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Review what you bought and got, once for each line of an order.',
  method: 'POST',
  path: '/api/products/:id/reviews',
  access: 'user',
  restrictedBy: 'comment',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('product') }),
  body: ReviewInput.extend({
    text: ReviewInput.shape.text.default(''),
    media: ReviewInput.shape.media.default([]),
    /** A line of an order of yours. */
    lineId: idOf('line'),
  }),
  status: 201,
  output: z.object({ review: ReviewView }),
  problems: [AlreadyReviewed, Conflict, MediaNotReady, MediaUnusable, NotFound],

  handler: async ({ actor, params: { id }, body: { lineId, media, ...wish }, now }) => {
    const bought = await purchasedLine(actor.id, lineId);
    if (!sameId(bought.product, id)) throw new NotFound({ field: 'lineId' });
    const shown = { ...wish, media: await shownMedia(actor.id, media, 'review') };
    const review = await createReview(actor.id, { ...bought, line: lineId }, shown, now);
    const [view] = await reviewViews(actor.id, [review]);
    if (!view) throw new NotFound();
    return { review: view };
  },
});
