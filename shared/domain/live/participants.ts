import { createHash } from 'node:crypto';
import { MAX_UID } from '#platform/agora.ts';
import { after, hours } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { LiveJoined } from './live-events.ts';
import { type LiveParticipant, LiveParticipants } from './live-participant.model.ts';
import { RemovedFromLive } from './streams.ts';

export type ParticipantRow = LiveParticipant & Stored;

interface Who {
  readonly stream: Id<'live'>;
  readonly user: Id<'user'>;
  readonly role: 'host' | 'audience';
}

/** How long somebody who has joined is taken for present: as long as their token is good. */
const PRESENT_MS = hours(1);
const MOST_ATTEMPTS = 5;

/**
 * Writes down that somebody is there, in a row of their own; gives their number at the video
 * provider, which stays the same in this stream. Throws `RemovedFromLive` for whoever was removed.
 */
export async function attend(who: Who, now: Date): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await transaction(() => seen(who, attempt, now));
    } catch (error) {
      // The same person at the same moment, or somebody else with that number.
      if (duplicateKey(error) === undefined || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

async function seen({ stream, user, role }: Who, attempt: number, now: Date): Promise<number> {
  const known = await LiveParticipants.findOne({ stream, user }).lean<ParticipantRow>();
  if (known?.kicked) throw new RemovedFromLive();
  const uid = known?.uid ?? numberFor(stream, user, attempt);
  const there = { seenAt: now, presentUntil: after(now, PRESENT_MS) };
  if (known)
    await LiveParticipants.updateOne(
      { _id: known._id, kicked: { $ne: true } },
      {
        $set: { ...there, role, uid, joinedAt: known.joinedAt ?? now },
        $inc: { watchMs: watchedSince(known, now) },
        $unset: { leftAt: 1 },
      },
    );
  else await LiveParticipants.create([{ stream, user, role, uid, joinedAt: now, ...there }]);
  if (role === 'audience' && !isPresent(known, now))
    await publish(LiveJoined, { streamId: stream, userId: user }, { now, actor: user });
  return uid;
}

/** Small, the same each time, and another one for each attempt: who shares it with somebody tries on. */
function numberFor(stream: Id, user: Id, attempt: number): number {
  const digest = createHash('sha256')
    .update(`${stream.toHexString()}:${user.toHexString()}:${attempt}`)
    .digest();
  return (digest.readUInt32BE(0) % MAX_UID) + 1;
}

const isPresent = (known: ParticipantRow | null, now: Date): boolean =>
  known?.presentUntil !== undefined && known.presentUntil > now;

/** What was watched since somebody was last seen; nothing for those who had gone. */
function watchedSince({ seenAt, presentUntil }: ParticipantRow, at: Date): number {
  if (!seenAt || !presentUntil) return 0;
  const until = Math.min(presentUntil.getTime(), at.getTime());
  return Math.max(0, until - seenAt.getTime());
}

/** A viewer by their number at the video provider. */
export const participantByUid = (stream: Id<'live'>, uid: number): Promise<ParticipantRow | null> =>
  LiveParticipants.findOne({ stream, uid }).lean<ParticipantRow>().exec();

/** Writes down that somebody has left, unless they were seen after that. */
export async function leave(participant: ParticipantRow, at: Date): Promise<void> {
  if (!isPresent(participant, at)) return;
  await LiveParticipants.updateOne(
    { _id: participant._id, seenAt: { $lte: at }, presentUntil: { $gt: at } },
    {
      $set: { seenAt: at, presentUntil: at, leftAt: at },
      $inc: { watchMs: watchedSince(participant, at) },
    },
  );
}

const BATCH = 500;

/** Lets everybody leave at the end of a stream. Safe to repeat, and to go on with. */
export async function closeAttendance(stream: Id<'live'>, endedAt: Date): Promise<void> {
  for (;;) {
    const present = await LiveParticipants.find({
      stream,
      role: { $in: ['audience', 'host'] },
      presentUntil: { $gt: endedAt },
    })
      .limit(BATCH)
      .lean<ParticipantRow[]>();
    if (present.length === 0) return;
    await LiveParticipants.bulkWrite(
      present.map((one) => ({
        updateOne: {
          filter: { _id: one._id, presentUntil: one.presentUntil as Date },
          update: {
            $set: { seenAt: endedAt, presentUntil: endedAt, leftAt: endedAt },
            $inc: { watchMs: watchedSince(one, endedAt) },
          },
        },
      })),
    );
  }
}

/** More than anybody reads from a number. */
const MOST_COUNTED = 1_000_000;

/** How many watch at a moment, as far as is known. */
export const presentIn = (stream: Id<'live'>, at: Date): Promise<number> =>
  LiveParticipants.countDocuments({ stream, role: 'audience', presentUntil: { $gte: at } })
    .limit(MOST_COUNTED)
    .exec();

/** How many different people have watched. */
export const attendanceOf = (stream: Id<'live'>): Promise<number> =>
  LiveParticipants.countDocuments({ stream, role: 'audience' }).limit(MOST_COUNTED).exec();
