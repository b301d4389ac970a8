import { collection, flag, requiredRef } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** An accepted edge seen from its owner, for telling everybody who follows. Rebuilt from Following. */
export interface Follower {
  readonly owner: Id<'user'>;
  readonly follower: Id<'user'>;
  readonly notify: boolean;
}

export const Followers = collection<Follower>('Follower', {
  fields: { owner: requiredRef('User'), follower: requiredRef('User'), notify: flag },
  indexes: [
    [{ owner: 1, follower: 1 }, { unique: true }], // the proof that one follows once
    [{ owner: 1, createdAt: -1, _id: -1 }], // the list of followers
    [{ owner: 1, _id: 1 }], // followersPage
    [{ owner: 1, notify: 1, _id: 1 }], // followersPage of those who rang the bell
  ],
  personalData: { owner: ['owner', 'follower'], erase: 'delete' },
});
