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
    [{ blocked: 1, blocker: 1 }], // who has blocked the viewer: relationsOf
  ],
  // Who blocked somebody is the blocker's secret: only their own copy names it.
  personalData: { owner: ['blocker'], erase: 'delete' },
});
