import type { Id } from '#platform/id.ts';
import { shownMedia } from './product-media.ts';
import { editReview, markHelpful, type ReviewRow, replyToReview } from './reviews.ts';

export type ReviewAction =
  | {
      readonly action: 'edit';
      readonly rating?: number | undefined;
      readonly text?: string | undefined;
      readonly media?: readonly Id<'media'>[] | undefined;
    }
  | { readonly action: 'reply'; readonly text: string }
  | { readonly action: 'helpful'; readonly helpful: boolean };

/** Does with a review what its author, its seller or a reader wants. Throws what each of them throws. */
export async function changeReview(
  actor: Id<'user'>,
  id: Id<'review'>,
  wish: ReviewAction,
  now: Date,
): Promise<ReviewRow> {
  switch (wish.action) {
    case 'edit': {
      const { rating, text, media } = wish;
      const shown = media && (await shownMedia(actor, media, 'review'));
      return editReview(actor, id, { rating, text, media: shown }, now);
    }
    case 'reply':
      return replyToReview(actor, id, wish.text, now);
    case 'helpful':
      return markHelpful(actor, id, wish.helpful, now);
  }
}
