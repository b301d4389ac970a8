import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { block, unblock } from './blocks.ts';
import { Followers } from './follower.model.ts';
import { Followings } from './following.model.ts';
import { acceptRequest, removeEdge } from './follows.ts';
import { RelationChanged } from './user-events.ts';
import { SettingsOfUsers } from './user-settings.model.ts';

export const RELATION_ACTIONS = [
  'block',
  'unblock',
  'mute',
  'unmute',
  'remove',
  'accept',
  'reject',
  'bell_on',
  'bell_off',
] as const;
export type RelationAction = (typeof RELATION_ACTIONS)[number];

/** Changes how a person stands to another, as far as it is theirs to decide. Repeating changes nothing. */
export async function changeRelation(
  user: Id<'user'>,
  other: Id<'user'>,
  action: RelationAction,
  now: Date,
): Promise<void> {
  switch (action) {
    case 'block':
      return block(user, other, now);
    case 'unblock':
      return unblock(user, other, now);
    case 'accept':
      if (await acceptRequest({ follower: other, followee: user }, now)) return;
      return requireEdge(other, user);
    case 'remove':
    case 'reject':
      await removeEdge({ follower: other, followee: user }, user, now);
      return;
    case 'mute':
    case 'unmute':
      return mute(user, other, action === 'mute', now);
    case 'bell_on':
    case 'bell_off':
      return ring(user, other, action === 'bell_on', now);
  }
}

async function requireEdge(follower: Id<'user'>, followee: Id<'user'>): Promise<void> {
  if (!(await Followings.exists({ follower, followee }))) throw new NotFound();
}

/** How many people one person may mute. */
const MOST_MUTED = 1000;

const mute = (user: Id<'user'>, other: Id<'user'>, muted: boolean, now: Date): Promise<void> =>
  transaction(async () => {
    const settings = await SettingsOfUsers.findOne({ user }, { mutedUsers: 1 }).lean();
    const already = settings?.mutedUsers.some((one) => one.equals(other)) ?? false;
    if (already === muted) return;
    if (muted && (settings?.mutedUsers.length ?? 0) >= MOST_MUTED)
      throw new ValidationFailed({ field: 'id', details: [`id: at most ${MOST_MUTED} muted`] });
    await SettingsOfUsers.updateOne(
      { user },
      muted ? { $addToSet: { mutedUsers: other } } : { $pull: { mutedUsers: other } },
    );
    await announce(user, other, muted ? 'muted' : 'unmuted', now);
  });

/** Whether the follower is told of everything the followed one publishes. */
const ring = (follower: Id<'user'>, owner: Id<'user'>, on: boolean, now: Date): Promise<void> =>
  transaction(async () => {
    const { matchedCount, modifiedCount } = await Followings.updateOne(
      { follower, followee: owner, status: 'accepted' },
      { $set: { notify: on } },
    );
    if (matchedCount === 0) throw new NotFound();
    if (modifiedCount === 0) return;
    await Followers.updateOne({ owner, follower }, { $set: { notify: on } });
    await announce(follower, owner, 'bell', now);
  });

const announce = (
  userId: Id<'user'>,
  otherId: Id<'user'>,
  change: 'muted' | 'unmuted' | 'bell',
  now: Date,
) => publish(RelationChanged, { userId, otherId, change }, { now, actor: userId });
