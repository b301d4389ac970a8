import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { Followers } from './follower.model.ts';
import { type Following, Followings } from './following.model.ts';
import { relationOf } from './relations.ts';
import { FollowCreated, FollowRemoved } from './user-events.ts';
import { bumpProfileCount, profileOf } from './users.ts';

interface Edge {
  readonly follower: Id<'user'>;
  readonly followee: Id<'user'>;
}
type Status = Following['status'];

/** How many people one account may follow. */
const MOST_FOLLOWED = 10_000;

/**
 * Makes one person follow another, or ask a private account to be let in. Whoever follows already
 * stays as they are. Throws `NotFound` for an account the follower cannot see.
 */
export async function follow(edge: Edge, now: Date): Promise<Status> {
  const { follower, followee } = edge;
  if (follower.equals(followee))
    throw new ValidationFailed({ field: 'id', details: ['id: you cannot follow yourself'] });
  const { active, blocked, isPrivate } = await relationOf(follower, followee);
  if (!active || blocked) throw new NotFound();
  const wanted: Status = isPrivate ? 'pending' : 'accepted';
  try {
    return await transaction(() => makeEdge(edge, wanted, now));
  } catch (error) {
    // Another request of the same person made the edge meanwhile: it is found on the second look.
    if (duplicateKey(error) === undefined) throw error;
    return transaction(() => makeEdge(edge, wanted, now));
  }
}

async function makeEdge(edge: Edge, wanted: Status, now: Date): Promise<Status> {
  const { follower, followee } = edge;
  const existing = await Followings.findOne(edge, { status: 1 }).lean();
  if (existing?.status === 'accepted' || existing?.status === wanted) return existing.status;
  if (existing) {
    // Asked while the account was private; it is open by now.
    await accept(edge, now);
    return 'accepted';
  }
  const profile = await profileOf(follower);
  if ((profile?.counts.following ?? 0) >= MOST_FOLLOWED)
    throw new ValidationFailed({
      field: 'id',
      details: [`id: an account follows at most ${MOST_FOLLOWED} others`],
    });
  await Followings.create([{ ...edge, status: wanted }]);
  const created = { followerId: follower, followeeId: followee, status: wanted };
  await publish(FollowCreated, created, { now, actor: follower });
  await notify(
    {
      user: followee,
      type: wanted === 'pending' ? 'follow_request' : 'follow',
      actor: follower,
      subject: { type: 'user', id: follower },
      groupKey: wanted === 'pending' ? `follow_request:${follower.toHexString()}` : 'follow',
    },
    now,
  );
  if (wanted === 'accepted') await countEdge(edge, 1);
  return wanted;
}

/** The mirror, and both counters: the followed one's last, where everybody meets. */
async function countEdge({ follower, followee }: Edge, by: 1 | -1): Promise<void> {
  if (by === 1) await Followers.create([{ owner: followee, follower }]);
  else await Followers.deleteOne({ owner: followee, follower });
  await bumpProfileCount(follower, 'following', by);
  await bumpProfileCount(followee, 'followers', by);
}

/** Lets a waiting follower in, inside the caller's transaction; false when nobody waits. */
async function accept(edge: Edge, now: Date): Promise<boolean> {
  const { follower, followee } = edge;
  const { modifiedCount } = await Followings.updateOne(
    { ...edge, status: 'pending' },
    { $set: { status: 'accepted' } },
  );
  if (modifiedCount === 0) return false;
  const created = { followerId: follower, followeeId: followee, status: 'accepted' as const };
  await publish(FollowCreated, created, { now, actor: followee });
  await notify(
    {
      user: follower,
      type: 'follow_accepted',
      actor: followee,
      subject: { type: 'user', id: followee },
    },
    now,
  );
  await countEdge(edge, 1);
  return true;
}

/** Lets a waiting follower in; false when they do not wait. */
export const acceptRequest = (edge: Edge, now: Date): Promise<boolean> =>
  transaction(() => accept(edge, now));

/** Ends a follow or a request, whoever of the two wishes it; false when there was none. */
export const removeEdge = (edge: Edge, actor: Id<'user'>, now: Date): Promise<boolean> =>
  transaction(async () => {
    const existing = await Followings.findOneAndDelete(edge).lean();
    if (!existing) return false;
    const { follower, followee } = edge;
    const removed = { followerId: follower, followeeId: followee, status: existing.status };
    await publish(FollowRemoved, removed, { now, actor });
    if (existing.status === 'accepted') await countEdge(edge, -1);
    return true;
  });

/** How many follow this account, as its profile says. */
export async function followerCountOf(user: Id<'user'>): Promise<number> {
  const profile = await profileOf(user);
  if (!profile) throw new NotFound();
  return profile.counts.followers;
}
