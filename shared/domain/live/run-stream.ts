import { setting } from '#domain/system/settings.ts';
import { after, hours, seconds } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { isOpen, type LiveRow, moveStream, mustMoveStream } from './live-state.ts';
import { type LiveStream, LiveStreams } from './live-stream.model.ts';

/** What the broadcaster’s device says of its picture. */
type Quality = NonNullable<LiveStream['quality']>;

/**
 * Takes a sign of life of the broadcaster: the first one puts the stream on air, and one within
 * three minutes resumes it. Throws `NotFound` for anybody else, and `Conflict` when it is over.
 */
export async function beat(
  broadcaster: Id<'user'>,
  id: Id<'live'>,
  quality: Quality | undefined,
  now: Date,
): Promise<LiveRow> {
  const mine = { _id: id, broadcaster };
  const running = await LiveStreams.findOneAndUpdate(
    { ...mine, status: 'live' },
    { $set: { ...(quality && { quality }) }, $max: { lastHeartbeatAt: now } },
    { returnDocument: 'after' },
  ).lean<LiveRow>();
  if (running) return running;
  const live = await goOnAir(id, now, { broadcaster });
  if (live) return live;
  const stream = await LiveStreams.findOne(mine, { status: 1 }).lean();
  if (!stream) throw new NotFound();
  throw new Conflict({ current: stream.status });
}

/**
 * Puts a stream on air for the first time, or again while it may be resumed; null when it cannot.
 * `at` is when the broadcaster was seen: what has happened since is not undone.
 */
export async function goOnAir(
  id: Id<'live'>,
  at: Date,
  where: Readonly<Record<string, unknown>> = {},
): Promise<LiveRow | null> {
  const silence = seconds(await setting('live.endedAfterSeconds'));
  return transaction(async () => {
    const first = await moveStream(
      id,
      'live',
      { where, from: ['starting'], set: { startedAt: at, lastHeartbeatAt: at } },
      at,
    );
    if (first) return first;
    const heard = { lastHeartbeatAt: { $gte: after(at, -silence), $lte: at } };
    const set = { lastHeartbeatAt: at };
    return moveStream(
      id,
      'live',
      { where: { ...where, ...heard }, from: ['interrupted'], set },
      at,
    );
  });
}

/** The broadcaster was seen to go at that moment, and not heard of since. */
export const interrupt = (id: Id<'live'>, at: Date): Promise<LiveRow | null> =>
  transaction(() =>
    moveStream(id, 'interrupted', { where: { lastHeartbeatAt: { $lte: at } } }, at),
  );

/** Ends a stream for its broadcaster, or calls off a scheduled one. Throws `NotFound` and `Conflict`. */
export const endStream = (broadcaster: Id<'user'>, id: Id<'live'>, now: Date): Promise<LiveRow> =>
  transaction(() =>
    mustMoveStream(
      id,
      'ended',
      { where: { broadcaster }, set: { endedAt: now }, by: broadcaster },
      now,
    ),
  );

/**
 * Stops a stream in the name of the house, in the open transaction: what was given in it is held.
 * Throws `NotFound` and `Conflict`.
 */
export const terminateStream = (
  id: Id<'live'>,
  staff: Id<'user'>,
  note: string,
  now: Date,
): Promise<LiveRow> =>
  mustMoveStream(
    id,
    'terminated',
    { set: { endedAt: now, earningsHeld: true }, by: staff, note },
    now,
  );

const MISSED_MS = hours(2);

/** Streams that nobody has looked after: what becomes of each is `tidyStream`’s to say. */
export async function staleStreams(now: Date, limit: number): Promise<LiveRow[]> {
  const quiet = after(now, -seconds(await setting('live.interruptedAfterSeconds')));
  const silent = after(now, -seconds(await setting('live.endedAfterSeconds')));
  const longest = after(now, -hours(await setting('live.maxHours')));
  const read = (where: object, sort: Record<string, 1>) =>
    LiveStreams.find(where).sort(sort).limit(limit).lean<LiveRow[]>();
  const by = { lastHeartbeatAt: 1, _id: 1 } as const;
  const found = [
    await read({ status: 'live', lastHeartbeatAt: { $lt: quiet } }, by),
    await read({ status: 'interrupted', lastHeartbeatAt: { $lt: silent } }, by),
    await read({ status: 'starting', lastHeartbeatAt: { $lt: silent } }, by),
    await read({ open: true, startedAt: { $lt: longest } }, { startedAt: 1, _id: 1 }),
    await read(
      { status: 'scheduled', scheduledFor: { $lt: after(now, -MISSED_MS) } },
      { scheduledFor: 1, _id: 1 },
    ),
  ].flat();
  return [...new Map(found.map((stream) => [stream._id.toHexString(), stream])).values()];
}

/** Interrupts a stream that has fallen silent, and ends one that stayed so, ran too long or never began. */
export async function tidyStream({ _id, status, startedAt, lastHeartbeatAt }: LiveRow, now: Date) {
  const silent = after(now, -seconds(await setting('live.endedAfterSeconds')));
  const longest = after(now, -hours(await setting('live.maxHours')));
  const quiet = status === 'live' && (!startedAt || startedAt >= longest);
  const gone = lastHeartbeatAt !== undefined && lastHeartbeatAt < silent;
  const note = isOpen(status) ? (gone ? 'silence' : 'too_long') : 'missed';
  // Whoever was heard of meanwhile is left alone.
  const where = { ...(lastHeartbeatAt && { lastHeartbeatAt }) };
  await transaction(async () => {
    if (quiet && !gone) await moveStream(_id, 'interrupted', { where, note: 'silence' }, now);
    else
      await moveStream(_id, 'ended', { where, from: [status], set: { endedAt: now }, note }, now);
  });
}
