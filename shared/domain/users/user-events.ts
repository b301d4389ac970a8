import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

const user = { userId: idOf('user') };
const account = { topic: 'account', subject: ['user', 'userId'], orderedBy: 'userId' } as const;

export const UserRegistered = event({
  ...account,
  type: 'user.registered',
  data: z.object({ ...user, locale: z.string() }),
});

export const ProfileUpdated = event({
  ...account,
  type: 'profile.updated',
  data: z.object({ ...user, fields: z.array(z.string()) }),
});

/** An account was banned, suspended, deactivated or given back. */
export const UserStatusChanged = event({
  ...account,
  type: 'user.status_changed',
  data: z.object({ ...user, status: z.string(), until: z.iso.datetime().optional() }),
});

const edge = { followerId: idOf('user'), followeeId: idOf('user') };

/** Somebody follows, or has asked a private account to be let in. */
export const FollowCreated = event({
  type: 'follow.created',
  topic: 'engagement',
  data: z.object({ ...edge, status: z.enum(['accepted', 'pending']) }),
  subject: ['user', 'followeeId'],
});

export const FollowRemoved = event({
  type: 'follow.removed',
  topic: 'engagement',
  data: z.object({ ...edge, status: z.enum(['accepted', 'pending']) }),
  subject: ['user', 'followeeId'],
});

export const RelationChanged = event({
  type: 'relation.changed',
  topic: 'engagement',
  data: z.object({
    userId: idOf('user'),
    otherId: idOf('user'),
    change: z.enum(['blocked', 'unblocked', 'muted', 'unmuted', 'bell']),
  }),
  subject: ['user', 'userId'],
});
