import type { Permission } from '#platform/access.ts';
import {
  collection,
  mixed,
  part,
  ref,
  requiredRef,
  requiredText,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export interface AdminAction {
  readonly actor: Id<'user'>;
  readonly permission: Permission;
  /** What was done: `user.ban`. */
  readonly action: string;
  readonly target: { readonly type: string; readonly id: Id };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string;
  /** A digest of the network address. */
  readonly address?: string;
  readonly requestId: string;
  readonly approvals: readonly { readonly by: Id<'user'>; readonly at: Date }[];
}

/** The audit trail: rows are added, and never changed or removed. */
export const AdminActions = collection<AdminAction>('AdminAction', {
  fields: {
    actor: requiredRef('User'),
    permission: requiredText,
    action: requiredText,
    target: { type: part({ type: requiredText, id: requiredRef('AnyTarget') }), required: true },
    before: mixed,
    after: mixed,
    reason: text,
    address: text,
    requestId: requiredText,
    approvals: { type: [part({ by: ref('User'), at: Date })], default: [] },
  },
  indexes: [
    [{ 'target.id': 1, createdAt: -1, _id: -1 }], // the history of one thing
    [{ actor: 1, createdAt: -1, _id: -1 }], // what one member of staff did
    [{ action: 1, createdAt: -1, _id: -1 }], // every ban, every refund
  ],
  personalData: {
    owner: ['actor'],
    erase: 'retain',
    because: 'The audit trail of decisions about others is kept five years.',
  },
});
