import {
  collection,
  flag,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { PENDING, pendingField, type Target, targetField } from './target.ts';

export const COMMENT_STATUSES = ['visible', 'held', 'hidden', 'removed'] as const;
export type CommentStatus = (typeof COMMENT_STATUSES)[number];

export interface Comment {
  readonly target: Target;
  readonly author: Id<'user'>;
  /** The first comment of its thread; null when it is the first itself. */
  readonly parent: Id<'comment'> | null;
  readonly text: string;
  readonly status: CommentStatus;
  readonly pinned: boolean;
  readonly counts: { readonly likes: number; readonly replies: number };
  /** Whether the counter of the target includes it. */
  readonly counted: boolean;
  /** Present while being visible and being counted differ. */
  readonly pending?: true;
}

const count = { ...whole, default: 0, min: 0 } as const;

export const Comments = collection<Comment>('Comment', {
  fields: {
    target: targetField,
    author: requiredRef('User'),
    parent: { ...ref('Comment'), default: null },
    text: requiredText,
    status: oneOf(COMMENT_STATUSES, 'visible'),
    pinned: flag,
    counts: { type: part({ likes: count, replies: count }), default: () => ({}) },
    counted: flag,
    pending: pendingField,
  },
  indexes: [
    [{ 'target.type': 1, 'target.id': 1, parent: 1, status: 1, createdAt: -1, _id: -1 }], // threads
    [{ parent: 1, status: 1, createdAt: 1, _id: 1 }], // replies
    [{ 'target.type': 1, 'target.id': 1, pending: 1 }, PENDING], // foldComments
    [{ author: 1, createdAt: -1, _id: -1 }], // what a person said
  ],
  personalData: { owner: ['author'], erase: 'delete' },
});
