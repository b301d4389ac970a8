import { part, requiredRef, requiredText } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What an edge points at. */
export interface Target {
  readonly type: 'content' | 'comment' | 'story';
  readonly id: Id;
}

export const targetField = {
  type: part({ type: requiredText, id: requiredRef('Target') }),
  required: true,
} as const;

/** A target as a filter by its fields, in the order its indexes have them. */
export const at = ({ type, id }: Target) => ({ 'target.type': type, 'target.id': id });

/** There and in the counter, or not: what is still to be told to the counter carries this mark. */
export const pendingField = { type: Boolean } as const;
export const PENDING = { partialFilterExpression: { pending: true } } as const;
