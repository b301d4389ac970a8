import { collection, date, flag, oneOf, requiredRef, whole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const LIVE_ROLES = ['host', 'audience', 'giver'] as const;

/** One person in one stream: attendance, what they gave, and what they may not. */
export interface LiveParticipant {
  readonly stream: Id<'live'>;
  readonly user: Id<'user'>;
  /** `giver` gave something and never joined. */
  readonly role: (typeof LIVE_ROLES)[number];
  /** Their number at the video provider, from the first time they join on. */
  readonly uid?: number;
  readonly joinedAt?: Date;
  /** When they were last seen to join, renew or leave. */
  readonly seenAt?: Date;
  /** Taken for present until then, unless they leave or renew. */
  readonly presentUntil?: Date;
  readonly leftAt?: Date;
  readonly watchMs: number;
  /** What they have given here, in coins. */
  readonly coins: number;
  readonly muted: boolean;
  readonly kicked: boolean;
}

const count = { ...whole, required: true, default: 0, min: 0 } as const;

export const LiveParticipants = collection<LiveParticipant>('LiveParticipant', {
  fields: {
    stream: requiredRef('LiveStream'),
    user: requiredRef('User'),
    role: oneOf(LIVE_ROLES),
    uid: { ...whole, min: 1 },
    joinedAt: date,
    seenAt: date,
    presentUntil: date,
    leftAt: date,
    watchMs: count,
    coins: count,
    muted: flag,
    kicked: flag,
  },
  indexes: [
    [{ stream: 1, user: 1 }, { unique: true }], // participantOf, giftsInLive, addGiven
    // one number for one person; participantByUid
    [
      { stream: 1, uid: 1 },
      { unique: true, partialFilterExpression: { uid: { $gt: 0 } } },
    ],
    [{ stream: 1, role: 1, presentUntil: 1 }], // presentIn, attendanceOf, closeAttendance
    [{ stream: 1, coins: -1, _id: 1 }], // leaderboardOf
    [{ createdAt: 1 }, { expireAfterSeconds: 90 * 86_400 }],
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
