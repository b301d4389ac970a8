import { collection, flag, requiredRef } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { PENDING, pendingField, type Target, targetField } from './target.ts';

export interface Like {
  readonly user: Id<'user'>;
  readonly target: Target;
  /** False when it was taken back and the counter does not know yet. */
  readonly liked: boolean;
  /** Whether the counter of the target includes it. */
  readonly counted: boolean;
  /** Present while `liked` and `counted` differ. */
  readonly pending?: true;
}

export const Likes = collection<Like>('Like', {
  fields: {
    user: requiredRef('User'),
    target: targetField,
    liked: { type: Boolean, default: true },
    counted: flag,
    pending: pendingField,
  },
  indexes: [
    [{ user: 1, 'target.type': 1, 'target.id': 1 }, { unique: true }], // one likes a thing once
    [{ 'target.type': 1, 'target.id': 1, pending: 1 }, PENDING], // foldLikes, likesOf
    [{ user: 1, 'target.type': 1, createdAt: -1, _id: -1 }], // what a person liked
    [{ 'target.type': 1, 'target.id': 1, createdAt: -1, _id: -1 }], // who liked it; purgeContent
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
