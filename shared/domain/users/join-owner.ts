import type { PipelineStage } from 'mongoose';
import type { Profile } from './profile.model.ts';
import { Profiles } from './profile.model.ts';
import type { Relation } from './relations.ts';

/** What `joinOwner` adds: enough for a card, and for `canSee` of a guest. */
export type JoinedOwner = Pick<
  Profile,
  'user' | 'username' | 'displayName' | 'avatar' | 'badge' | 'isPrivate' | 'active'
>;

/**
 * The stage that joins the owner named in a field, as `owner`, a list of one or none: for lists so hot that a
 * second query for their people would be felt.
 */
export const joinOwner = (field: string): PipelineStage.Lookup => ({
  $lookup: {
    from: Profiles.collection.name,
    localField: field,
    foreignField: 'user',
    pipeline: [
      {
        $project: {
          _id: 0,
          user: 1,
          username: 1,
          displayName: 1,
          avatar: 1,
          badge: 1,
          isPrivate: 1,
          active: 1,
        },
      },
    ],
    as: 'owner',
  },
});

/** How a guest stands to an owner that was joined. */
export const guestRelation = (owner: JoinedOwner | undefined): Relation => ({
  self: false,
  follows: false,
  requested: false,
  followedBy: false,
  friends: false,
  blocked: false,
  isPrivate: owner?.isPrivate ?? false,
  active: owner?.active ?? false,
});
