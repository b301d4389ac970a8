import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { liveEventOf } from './live-events.ts';
import {
  LIVE_STATUSES,
  type LiveStatus,
  type LiveStream,
  LiveStreams,
} from './live-stream.model.ts';

export type LiveRow = LiveStream & Stored & { readonly _id: Id<'live'> };

/** Where a stream may go from each state. Anything else is refused. */
export const NEXT_STATUS: Readonly<Record<LiveStatus, readonly LiveStatus[]>> = {
  scheduled: ['starting', 'ended'],
  starting: ['live', 'ended', 'terminated'],
  live: ['interrupted', 'ended', 'terminated'],
  interrupted: ['live', 'ended', 'terminated'],
  ended: [],
  terminated: [],
};

const OPEN: readonly LiveStatus[] = ['starting', 'live', 'interrupted'];
/** Somebody broadcasts, or is about to. */
export const isOpen = (status: LiveStatus): boolean => OPEN.includes(status);

const comingFrom = (to: LiveStatus): LiveStatus[] =>
  LIVE_STATUSES.filter((from) => NEXT_STATUS[from].includes(to));

interface Move {
  /** What else must be true of the stream, its broadcaster for instance. */
  readonly where?: Readonly<Record<string, unknown>>;
  readonly set?: Partial<Omit<LiveStream, 'status' | 'timeline' | 'version' | 'open'>>;
  /** Refuses states that would be allowed in general. */
  readonly from?: readonly LiveStatus[];
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

/**
 * Brings a stream into a state and announces it, in the open transaction; null when it cannot go
 * there from where it is, which is what all but the first of several callers are told.
 */
export async function moveStream(
  id: Id<'live'>,
  to: LiveStatus,
  { where = {}, set = {}, from = LIVE_STATUSES, by, note }: Move,
  now: Date,
): Promise<LiveRow | null> {
  if (!inTransaction()) throw new Error('moveStream() must be called inside transaction()');
  const allowed = comingFrom(to).filter((status) => from.includes(status));
  const step = { status: to, at: now, ...(by && { by }), ...(note && { note }) };
  const before = await LiveStreams.findOneAndUpdate(
    { ...where, _id: id, status: { $in: allowed } },
    {
      $set: { ...set, status: to, ...(isOpen(to) && { open: true }) },
      ...(!isOpen(to) && { $unset: { open: 1 } }),
      $inc: { version: 1 },
      $push: { timeline: { $each: [step], $slice: -100 } },
    },
    { returnDocument: 'before' },
  ).lean<LiveRow>();
  if (!before) return null;
  const facts = { streamId: id, hostId: before.broadcaster, ...(note && { note }) };
  await publish(liveEventOf(before.status, to), facts, { now, ...(by && { actor: by }) });
  return { ...before, ...set, status: to, version: before.version + 1 };
}

/** As `moveStream`, for callers who rely on it. Throws `NotFound`, or `Conflict` with the state it is in. */
export async function mustMoveStream(
  id: Id<'live'>,
  to: LiveStatus,
  move: Move,
  now: Date,
): Promise<LiveRow> {
  const moved = await moveStream(id, to, move, now);
  if (moved) return moved;
  const current = await LiveStreams.findOne({ ...move.where, _id: id }, { status: 1 }).lean();
  if (!current) throw new NotFound();
  throw new Conflict({ current: current.status });
}
