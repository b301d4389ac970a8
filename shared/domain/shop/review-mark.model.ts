import { collection, requiredRef } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** A reader found a review helpful. */
export interface ReviewMark {
  readonly review: Id<'review'>;
  readonly user: Id<'user'>;
}

export const ReviewMarks = collection<ReviewMark>('ReviewMark', {
  fields: { review: requiredRef('Review'), user: requiredRef('User') },
  indexes: [
    [{ user: 1, review: 1 }, { unique: true }], // markHelpful, markedAmong
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
