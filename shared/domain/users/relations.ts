import { allOf } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { type BlockedUser, BlockedUsers } from './blocked-user.model.ts';
import { Followers } from './follower.model.ts';
import { type Following, Followings } from './following.model.ts';
import { type Profile, Profiles } from './profile.model.ts';

/** How a viewer stands to the owner of something. */
export interface Relation {
  readonly self: boolean;
  /** The viewer follows the owner, and was accepted. */
  readonly follows: boolean;
  /** The viewer has asked to follow and waits. */
  readonly requested: boolean;
  readonly followedBy: boolean;
  readonly friends: boolean;
  /** Either of them blocked the other. */
  readonly blocked: boolean;
  readonly isPrivate: boolean;
  readonly active: boolean;
}

export type Visibility = 'public' | 'followers' | 'friends' | 'private';

/** The one rule of who sees what. A private account shows its public things to followers only. */
export function canSee(relation: Relation, visibility: Visibility): boolean {
  if (relation.self) return true;
  if (!relation.active || relation.blocked || visibility === 'private') return false;
  if (visibility === 'friends') return relation.friends;
  if (visibility === 'followers' || relation.isPrivate) return relation.follows;
  return true;
}

/** How the viewer stands to each of these owners, in three queries however many they are. */
export async function relationsOf(
  viewer: Id<'user'> | undefined,
  owners: readonly Id<'user'>[],
): Promise<Map<string, Relation>> {
  const ids = [...new Map(owners.map((id) => [id.toHexString(), id])).values()];
  if (ids.length === 0) return new Map();
  const [profiles, edges, blocks] = await allOf([
    () => Profiles.find({ user: { $in: ids } }, { user: 1, isPrivate: 1, active: 1 }).lean(),
    async () => (viewer ? edgesBetween(viewer, ids) : []),
    async () => (viewer ? blocksBetween(viewer, ids) : []),
  ]);
  const profileOf = new Map(profiles.map((profile) => [profile.user.toHexString(), profile]));
  return new Map(
    ids.map((owner) => {
      const id = owner.toHexString();
      return [id, relationFrom(viewer, owner, { profile: profileOf.get(id), edges, blocks })];
    }),
  );
}

export type KnownOwner = Pick<Profile, 'user' | 'isPrivate' | 'active'>;

/**
 * How the viewer stands to owners whose profiles have been read, as far as that matters for what is
 * public: whether the viewer follows is asked of private accounts only, and the other way of none.
 */
export async function relationsToPublic(
  viewer: Id<'user'>,
  owners: readonly KnownOwner[],
): Promise<Map<string, Relation>> {
  const known = new Map(owners.map((owner) => [owner.user.toHexString(), owner]));
  const profiles = [...known.values()];
  if (profiles.length === 0) return new Map();
  const closed = profiles.filter(({ isPrivate }) => isPrivate).map(({ user }) => user);
  const [edges, blocks] = await allOf([
    async () => (closed.length > 0 ? followedAmong(viewer, closed) : []),
    () =>
      blocksBetween(
        viewer,
        profiles.map(({ user }) => user),
      ),
  ]);
  return new Map(
    [...known].map(([id, profile]) => [
      id,
      relationFrom(viewer, profile.user, { profile, edges, blocks }),
    ]),
  );
}

interface Facts {
  readonly profile: KnownOwner | undefined;
  readonly edges: readonly Pick<Following, 'follower' | 'followee' | 'status'>[];
  readonly blocks: readonly Pick<BlockedUser, 'blocker' | 'blocked'>[];
}

function relationFrom(
  viewer: Id<'user'> | undefined,
  owner: Id<'user'>,
  { profile, edges, blocks }: Facts,
): Relation {
  const outgoing = edges.find(({ followee }) => owner.equals(followee));
  const incoming = edges.find(({ follower }) => owner.equals(follower));
  const self = owner.equals(viewer ?? null);
  const follows = !self && outgoing?.status === 'accepted';
  const followedBy = !self && incoming?.status === 'accepted';
  return {
    self,
    follows,
    requested: !self && outgoing?.status === 'pending',
    followedBy,
    friends: follows && followedBy,
    // Every block between the viewer and another names the viewer, too.
    blocked:
      !self &&
      blocks.some(({ blocker, blocked }) => owner.equals(blocker) || owner.equals(blocked)),
    isPrivate: profile?.isPrivate ?? false,
    active: profile?.active ?? false,
  };
}

export async function relationOf(
  viewer: Id<'user'> | undefined,
  owner: Id<'user'>,
): Promise<Relation> {
  const relations = await relationsOf(viewer, [owner]);
  return relations.get(owner.toHexString()) ?? STRANGER_TO_NOBODY;
}

const STRANGER_TO_NOBODY: Relation = {
  self: false,
  follows: false,
  requested: false,
  followedBy: false,
  friends: false,
  blocked: false,
  isPrivate: false,
  active: false,
};

/** Each direction by its own index; an $or over both would scan. */
async function edgesBetween(viewer: Id<'user'>, others: readonly Id<'user'>[]) {
  const [outgoing, incoming] = await allOf([
    () => followedAmong(viewer, others),
    () => Followings.find({ follower: { $in: [...others] }, followee: viewer }, EDGE).lean(),
  ]);
  return [...outgoing, ...incoming];
}

const EDGE = { follower: 1, followee: 1, status: 1 } as const;

const followedAmong = (viewer: Id<'user'>, others: readonly Id<'user'>[]) =>
  Followings.find({ follower: viewer, followee: { $in: [...others] } }, EDGE)
    .lean()
    .exec();

async function blocksBetween(viewer: Id<'user'>, others: readonly Id<'user'>[]) {
  const fields = { blocker: 1, blocked: 1 } as const;
  const [mine, theirs] = await allOf([
    () => BlockedUsers.find({ blocker: viewer, blocked: { $in: [...others] } }, fields).lean(),
    () => BlockedUsers.find({ blocker: { $in: [...others] }, blocked: viewer }, fields).lean(),
  ]);
  return [...mine, ...theirs];
}

/** Whom the user follows, newest first, at most `limit`. */
export async function followeesOf(user: Id<'user'>, limit: number): Promise<Id<'user'>[]> {
  const edges = await Followings.find({ follower: user, status: 'accepted' }, { followee: 1 })
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit)
    .lean();
  return edges.map(({ followee }) => followee);
}

export interface FollowersPage {
  readonly followers: readonly Id<'user'>[];
  /** Where the next page begins; null when this was the last one. */
  readonly next: Id | null;
}

const FAN_OUT_PAGE = 1000;

/** A thousand followers at a time, for telling all of them; `bell` gives those who asked to be told. */
export async function followersPage(
  owner: Id<'user'>,
  cursor: Id | undefined,
  only?: 'bell',
): Promise<FollowersPage> {
  const edges = await Followers.find(
    { owner, ...(only && { notify: true }), ...(cursor && { _id: { $gt: cursor } }) },
    { follower: 1 },
  )
    .sort({ _id: 1 })
    .limit(FAN_OUT_PAGE)
    .lean();
  const last = edges.length === FAN_OUT_PAGE ? edges.at(-1) : undefined;
  return { followers: edges.map(({ follower }) => follower), next: last?._id ?? null };
}

interface Pair {
  readonly from: Id<'user'>;
  readonly to: Id<'user'>;
}

/**
 * Tells of pairs whether the one may reach the other: whoever is reached is there, and neither has
 * blocked the other. For many pairs in three queries.
 */
export async function reachable(
  pairs: readonly Pair[],
): Promise<(from: Id<'user'>, to: Id<'user'>) => boolean> {
  if (pairs.length === 0) return () => false;
  const [from, to] = [pairs.map((pair) => pair.from), pairs.map((pair) => pair.to)];
  const fields = { blocker: 1, blocked: 1 } as const;
  const [there, ...blocks] = await allOf([
    () => Profiles.find({ user: { $in: to }, active: true }, { user: 1 }).lean(),
    () => BlockedUsers.find({ blocker: { $in: from }, blocked: { $in: to } }, fields).lean(),
    () => BlockedUsers.find({ blocker: { $in: to }, blocked: { $in: from } }, fields).lean(),
  ]);
  const present = new Set(there.map(({ user }) => user.toHexString()));
  const key = (one: Id, other: Id) => `${one.toHexString()}:${other.toHexString()}`;
  const shut = new Set(blocks.flat().map(({ blocker, blocked }) => key(blocker, blocked)));
  return (one, other) =>
    present.has(other.toHexString()) && !shut.has(key(one, other)) && !shut.has(key(other, one));
}

/** Those of these people whose things only their followers see, by their ids. */
export async function privateAmong(users: readonly Id<'user'>[]): Promise<ReadonlySet<string>> {
  if (users.length === 0) return new Set();
  const found = await Profiles.find(
    { user: { $in: [...users] }, isPrivate: true },
    { user: 1 },
  ).lean();
  return new Set(found.map(({ user }) => user.toHexString()));
}
