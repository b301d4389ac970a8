import { collection, date, flag, oneOf, ref, requiredText, whole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { PENDING, pendingField, type Target, targetField } from './target.ts';

export const VIEW_SOURCES = ['feed', 'profile', 'search', 'hashtag', 'share', 'other'] as const;
export type ViewSource = (typeof VIEW_SOURCES)[number];

export interface View {
  readonly target: Target;
  /** The user's id, or a keyed digest of a guest's address and device. */
  readonly viewerKey: string;
  readonly user?: Id<'user'>;
  /** An impression was too short to be a view. */
  readonly kind: 'impression' | 'view';
  readonly watchMs?: number;
  readonly completed: boolean;
  readonly source: ViewSource;
  /** When the window began in which this viewer counts once. */
  readonly window: Date;
  /** Present until the counter of the target includes it. */
  readonly pending?: true;
}

export const Views = collection<View>('View', {
  fields: {
    target: targetField,
    viewerKey: requiredText,
    user: ref('User'),
    kind: oneOf(['impression', 'view']),
    watchMs: whole,
    completed: flag,
    source: oneOf(VIEW_SOURCES, 'other'),
    window: date,
    pending: pendingField,
  },
  indexes: [
    [{ 'target.type': 1, 'target.id': 1, viewerKey: 1, window: 1, kind: 1 }, { unique: true }], // a viewer counts once in a window; seenBy
    [{ 'target.type': 1, 'target.id': 1, pending: 1 }, PENDING], // foldViews
    [{ 'target.type': 1, 'target.id': 1, createdAt: -1, _id: -1 }], // viewersOf a story
    [{ user: 1, createdAt: -1, _id: -1 }], // what a person watched
    [{ createdAt: 1 }, { expireAfterSeconds: 180 * 86_400 }], // raw views are kept for half a year
  ],
  personalData: { owner: ['user'], hidden: ['viewerKey'], erase: 'delete' },
});
