import { collection, requiredRef } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export interface BlockedUser {
  readonly blocker: Id<'user'>;
  readonly blocked: Id<'user'>;
}

export const BlockedUsers = collection<BlockedUser>('BlockedUser', {
  fields: { blocker: requiredRef('User'), blocked: requiredRef('User') },
  indexes: [
    [{ blocker: 1, blocked: 1 }, { unique: true }], // relationsOf
    [{ blocker: 1, createdAt: -1, _id: -1 }], // the list of the blocked, blockedEitherWay
    [{ blocked: 1, createdAt: -1, _id: -1 }], // blockedEitherWay
  ],
  // Who blocked somebody is the blocker's secret: only their own copy names it.
  personalData: { owner: ['blocker'], erase: 'delete' },
});
