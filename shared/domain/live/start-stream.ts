import { requireMoneyAge } from '#domain/wallet/money-age.ts';
import { after, days } from '#platform/clock.ts';
import { type Id, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, problem, ValidationFailed } from '#platform/problem.ts';
import { LiveScheduled, LiveStarting } from './live-events.ts';
import { type LiveRow, mustMoveStream } from './live-state.ts';
import { LiveStreams } from './live-stream.model.ts';
import { channelOf } from './streams.ts';

export class TooManyScheduled extends problem({
  code: 'too_many_scheduled',
  status: 409,
  error: 'Too many streams are scheduled',
}) {}

const MOST_SCHEDULED = 5;
const FARTHEST_MS = days(60);

export interface StreamWish {
  readonly title: string;
  readonly category?: string | undefined;
  readonly followersOnly: boolean;
  readonly slowModeSeconds: number;
}

/**
 * Makes a stream that may go on air at once, inside the open transaction. Throws `UnderAge`, or
 * `Conflict` with the open stream the broadcaster has.
 */
export async function startStream(
  broadcaster: Id<'user'>,
  wish: StreamWish,
  now: Date,
): Promise<LiveRow> {
  await mayBroadcast(broadcaster, now);
  const facts = { status: 'starting', open: true, lastHeartbeatAt: now } as const;
  const stream = await make(broadcaster, wish, facts, now);
  const told = { streamId: stream._id, hostId: broadcaster };
  await publish(LiveStarting, told, { now, actor: broadcaster });
  return stream;
}

/** The same with a stream that was scheduled. Throws `NotFound` for one of somebody else. */
export async function startScheduled(
  broadcaster: Id<'user'>,
  id: Id<'live'>,
  now: Date,
): Promise<LiveRow> {
  await mayBroadcast(broadcaster, now);
  return mustMoveStream(
    id,
    'starting',
    { where: { broadcaster }, set: { lastHeartbeatAt: now }, by: broadcaster },
    now,
  );
}

/** Announces a stream for later, in the open transaction. Throws `UnderAge` and `TooManyScheduled`. */
export async function scheduleStream(
  broadcaster: Id<'user'>,
  wish: StreamWish,
  scheduledFor: Date,
  now: Date,
): Promise<LiveRow> {
  await requireMoneyAge(broadcaster, now);
  if (scheduledFor <= now || scheduledFor > after(now, FARTHEST_MS))
    throw new ValidationFailed({
      field: 'scheduledFor',
      details: ['scheduledFor: must lie in the next 60 days'],
    });
  const waiting = await LiveStreams.countDocuments({ broadcaster, status: 'scheduled' });
  if (waiting >= MOST_SCHEDULED) throw new TooManyScheduled({ current: { most: MOST_SCHEDULED } });
  const stream = await make(broadcaster, wish, { status: 'scheduled', scheduledFor }, now);
  const facts = { streamId: stream._id, hostId: broadcaster };
  await publish(LiveScheduled, facts, { now, actor: broadcaster });
  return stream;
}

/** Two at the same moment: the index lets one through, and the other is run again and finds it. */
async function mayBroadcast(broadcaster: Id<'user'>, now: Date): Promise<void> {
  await requireMoneyAge(broadcaster, now);
  const open = await LiveStreams.findOne({ broadcaster, open: true }, { status: 1 }).lean();
  if (open)
    throw new Conflict({ current: { streamId: open._id.toHexString(), status: open.status } });
}

type Beginning = Pick<LiveRow, 'status'> &
  Partial<Pick<LiveRow, 'open' | 'scheduledFor' | 'lastHeartbeatAt'>>;

async function make(
  broadcaster: Id<'user'>,
  { title, category, followersOnly, slowModeSeconds }: StreamWish,
  beginning: Beginning,
  now: Date,
): Promise<LiveRow> {
  const _id = newId<'live'>();
  const stream = {
    ...{ _id, broadcaster, title, channel: channelOf(_id) },
    ...(category !== undefined && { category }),
    ...beginning,
    settings: { followersOnly, slowModeSeconds, terms: [] },
    ...{ showcase: [], moderators: [], version: 0 },
    stats: { viewers: 0, peak: 0, unique: 0, coins: 0, diamonds: 0 },
    timeline: [{ status: beginning.status, at: now, by: broadcaster }],
  };
  await LiveStreams.create([stream]);
  return { ...stream, createdAt: now, updatedAt: now };
}
