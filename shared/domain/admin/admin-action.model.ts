import { PERMISSIONS, type Permission } from '#platform/access.ts';
import {
  collection,
  mixed,
  oneOf,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What a member of staff did, to whom, and why. Written once, never changed. */
export interface AdminAction {
  readonly actor: Id<'user'>;
  readonly permission: Permission;
  /** `users.ban`, `money.refund.approve` */
  readonly action: string;
  readonly target: { readonly type: string; readonly id: Id };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason: string;
  readonly ip: string;
  readonly requestId: string;
  readonly at: Date;
}

export const AdminActions = collection<AdminAction>('AdminAction', {
  fields: {
    actor: requiredRef('User'),
    permission: oneOf(PERMISSIONS),
    action: requiredText,
    target: { type: part({ type: requiredText, id: requiredRef('Any') }), required: true },
    before: mixed,
    after: mixed,
    reason: { type: String, default: '' },
    ip: text,
    requestId: requiredText,
    at: requiredDate,
  },
  indexes: [
    [{ 'target.id': 1, at: -1, _id: -1 }], // actionsOn
    [{ actor: 1, at: -1, _id: -1 }], // actionsBy
    [{ action: 1, at: -1, _id: -1 }], // actionsNamed
    [{ at: -1, _id: -1 }], // the whole trail
  ],
  personalData: {
    owner: ['actor'],
    hidden: ['ip'],
    erase: 'retain',
    because: 'Who used which power over others is kept for five years.',
  },
});
