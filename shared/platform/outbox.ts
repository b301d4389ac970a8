import { after, clock } from './clock.ts';
import { afterCommit, inTransaction, writeAtEnd } from './database.ts';
import type { DataOf, Envelope, EventType } from './event.ts';
import { type Id, newId } from './id.ts';
import { currentCall, log } from './log.ts';
import { type OutboxEvent, OutboxEvents } from './outbox.model.ts';
import { publishMessages } from './pubsub.ts';

interface Occurrence {
  readonly now: Date;
  readonly actor?: Id<'user'>;
}

let lastSeq = 0;
/** Grows with every event of this instance, so that one subject's events keep their order. */
const nextSeq = (now: Date): number => {
  lastSeq = Math.max(lastSeq + 1, now.getTime() * 1000);
  return lastSeq;
};

/** Publications of this instance that have begun and not ended; a shutdown waits for them. */
const underway = new Set<Promise<void>>();

/**
 * Announces what happened, as part of the transaction that made it happen. The message leaves
 * right after the commit, or by the relay job if this instance dies before.
 */
export async function publish<Event extends EventType>(
  event: Event,
  data: DataOf<Event>,
  { now, actor }: Occurrence,
): Promise<void> {
  await publishAll(event, [{ data, actor }], now);
}

interface Happening<Event extends EventType> {
  readonly data: DataOf<Event>;
  readonly actor?: Id<'user'> | undefined;
}

/** Announces the same kind of thing several times. */
export async function publishAll<Event extends EventType>(
  event: Event,
  happenings: readonly Happening<Event>[],
  now: Date,
): Promise<void> {
  if (!inTransaction())
    throw new Error(`publish(${event.type}) must be called inside transaction()`);
  if (happenings.length === 0) return;
  writeAtEnd(
    write,
    happenings.map((happening) => rowOf(event, happening, now)),
  );
}

/** All that one transaction announces, in one write and one message to each topic. */
async function write(rows: readonly ReturnType<typeof rowOf>[]): Promise<void> {
  await OutboxEvents.insertMany(rows);
  afterCommit(() => {
    const sending = send(rows).then(
      () => undefined,
      (error: unknown) => log.warning('events left to the relay', { error, events: rows.length }),
    );
    underway.add(sending);
    void sending.finally(() => underway.delete(sending));
  });
}

function rowOf<Event extends EventType>(
  event: Event,
  { data, actor }: Happening<Event>,
  now: Date,
) {
  const id = newId<'event'>();
  const [subjectType, subjectField] = event.subject;
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(data));
  const subject = { type: subjectType, id: String(plain[subjectField]) };
  const key = event.orderedBy ? String(plain[event.orderedBy]) : subject.id;
  const trace = currentCall()?.trace;
  const payload: Envelope = {
    id: id.toHexString(),
    type: event.type,
    occurredAt: now.toISOString(),
    key,
    ...(actor && { actor: actor.toHexString() }),
    subject,
    version: 1,
    data: plain,
    ...(trace && { trace }),
  };
  return { _id: id, topic: event.topic, type: event.type, key, seq: nextSeq(now), payload };
}

/** Waits until everything this instance began to publish has left or has been left to the relay. */
export async function publicationsSettled(): Promise<void> {
  await Promise.all(underway);
}

type Sendable = Pick<OutboxEvent, 'topic' | 'type' | 'payload'> & { readonly _id: Id };

async function send(rows: readonly Sendable[]): Promise<void> {
  const topics = Map.groupBy(rows, ({ topic }) => topic);
  await Promise.all(
    [...topics].map(([topic, mine]) =>
      publishMessages(
        topic,
        mine.map(({ type, payload }) => ({
          data: payload,
          attributes: { type, key: payload.key, eventId: payload.id },
        })),
      ),
    ),
  );
  await OutboxEvents.updateMany(
    { _id: { $in: rows.map(({ _id }) => _id) } },
    { $set: { status: 'published', publishedAt: clock.now() }, $inc: { attempts: 1 } },
  );
}

/** How long an event is left to the instance that committed it. */
const RELAY_AFTER_MS = 5000;
const RELAY_BATCH = 500;

/**
 * Publishes what was committed at least `olderThanMs` ago and has not left yet, oldest first;
 * returns how many events left.
 */
export async function relay(deadline: Date, olderThanMs = RELAY_AFTER_MS): Promise<number> {
  let sent = 0;
  while (clock.now() < deadline) {
    const rows = await OutboxEvents.find({
      status: 'pending',
      createdAt: { $lte: after(clock.now(), -olderThanMs) },
    })
      .sort({ createdAt: 1, _id: 1 })
      .limit(RELAY_BATCH)
      .lean();
    if (rows.length === 0) return sent;
    await send(rows);
    sent += rows.length;
  }
  return sent;
}
