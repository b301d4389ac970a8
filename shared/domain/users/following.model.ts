import { collection, flag, oneOf, requiredRef } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** Who follows whom: the truth. A private account is followed once it has accepted. */
export interface Following {
  readonly follower: Id<'user'>;
  readonly followee: Id<'user'>;
  readonly status: 'accepted' | 'pending';
  /** The follower wants to be told of everything the followee publishes. */
  readonly notify: boolean;
}

export const Followings = collection<Following>('Following', {
  fields: {
    follower: requiredRef('User'),
    followee: requiredRef('User'),
    status: oneOf(['accepted', 'pending']),
    notify: flag,
  },
  indexes: [
    [{ follower: 1, followee: 1 }, { unique: true }], // relationsOf, and the proof that one follows once
    [{ followee: 1, status: 1, createdAt: -1, _id: -1 }], // requests to a private account
    [{ follower: 1, status: 1, createdAt: -1, _id: -1 }], // followeesOf
  ],
  personalData: { owner: ['follower', 'followee'], erase: 'delete' },
});
