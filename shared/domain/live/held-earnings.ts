import { earnedIn } from '#domain/gifts/earnings.ts';
import type { Id } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import type { LiveRow } from './live-state.ts';
import { LiveStreams } from './live-stream.model.ts';

const MOST_STREAMS = 100;

/** The diamonds that somebody was given in streams of theirs which staff stopped and nobody has released. */
export async function heldDiamonds(broadcaster: Id<'user'>): Promise<number> {
  const streams = await LiveStreams.find({ broadcaster, earningsHeld: true }, { _id: 1 })
    .sort({ _id: 1 })
    .limit(MOST_STREAMS)
    .lean();
  let held = 0;
  for (const { _id } of streams) held += (await earnedIn(_id)).diamonds;
  return held;
}

/** Lets what a stopped stream has earned be paid out. Throws `NotFound`, and `Conflict` when nothing is held. */
export async function releaseEarnings(id: Id<'live'>): Promise<LiveRow> {
  const released = await LiveStreams.findOneAndUpdate(
    { _id: id, earningsHeld: true },
    { $unset: { earningsHeld: 1 }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  ).lean<LiveRow>();
  if (released) return released;
  const stream = await LiveStreams.findOne({ _id: id }, { status: 1 }).lean();
  if (!stream) throw new NotFound();
  throw new Conflict({ current: stream.status });
}
