import { z } from 'zod';
import { ANY_TYPE, event } from '#platform/event.ts';
import { type Id, toId } from '#platform/id.ts';
import { type DeadLetter, OutboxEvents } from '#platform/outbox.model.ts';
import { findPage, type PageQuery } from '#platform/page.ts';
import { NotFound } from '#platform/problem.ts';
import { publishMessages } from '#platform/pubsub.ts';

/** Any event, once a consumer's attempts at it are used up. */
export const DeadLettered = event({
  type: ANY_TYPE,
  topic: 'dead-letter',
  data: z.looseObject({}),
  subject: ['event', 'id'],
});

/** Writes down who gave up on an event. Called twice for one failure, it is written once. */
export async function recordDeadLetter(
  eventId: string,
  attributes: Readonly<Record<string, string>>,
  now: Date,
): Promise<DeadLetter> {
  const letter: DeadLetter = {
    consumer: attributes['CloudPubSubDeadLetterSourceSubscription'] ?? 'unknown',
    attempts: Number(attributes['CloudPubSubDeadLetterSourceDeliveryCount'] ?? 0),
    error: attributes['lastError'] ?? '',
    at: now,
  };
  await OutboxEvents.updateOne(
    {
      _id: toId(eventId),
      deadLetters: { $not: { $elemMatch: { consumer: letter.consumer, replayedAt: null } } },
    },
    { $push: { deadLetters: letter }, $set: { dead: true } },
  );
  return letter;
}

/** Events that a consumer gave up on and nobody has replayed yet, newest first. */
export const deadLetters = (query: PageQuery) =>
  findPage({
    model: OutboxEvents,
    where: { dead: true },
    sort: { field: '_id', direction: -1 },
    query,
    scope: 'dead-letters',
  });

/**
 * Sends a dead event once more. Every consumer of its topic gets it; those that dealt with it
 * before recognise it, so only the ones that failed work on it.
 */
export async function replay(eventId: Id<'event'>, now: Date): Promise<void> {
  const row = await OutboxEvents.findOne({ _id: eventId, dead: true }).lean();
  if (!row) throw new NotFound();
  const { topic, type, payload } = row;
  await publishMessages(topic, [
    { data: payload, attributes: { type, key: payload.key, eventId: payload.id } },
  ]);
  await OutboxEvents.updateOne(
    { _id: eventId },
    {
      $set: { 'deadLetters.$[open].replayedAt': now },
      $unset: { dead: 1 },
    },
    { arrayFilters: [{ 'open.replayedAt': null }] },
  );
}
