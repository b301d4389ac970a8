/** Delivers events by hand, as Pub/Sub may: again, late, in any order. */
import mongoose from 'mongoose';
import { seconds } from '#platform/clock.ts';
import { ANY_TYPE, type Envelope } from '#platform/event.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import type { Answer } from './caller.ts';
import { whileAtWork } from './deeds.ts';
import type { World } from './world.ts';

/** Every event so far, in the order in which they happened. */
export async function eventsSoFar(): Promise<Envelope[]> {
  const rows = await OutboxEvents.find({}).sort({ seq: 1, _id: 1 }).lean();
  return rows.map(({ payload }) => payload);
}

/** Pushes anything to a function as Pub/Sub pushes a message. */
export const push = (
  world: World,
  name: string,
  data: unknown,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  world.post(`/functions/${name}`, {
    message: {
      data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64'),
      attributes,
      messageId: '1',
    },
    subscription: name,
    deliveryAttempt: 1,
  });

/** The consumers that hear an event, except those that hear what others gave up on. */
export const hearersOf = (world: World, { type }: Envelope): string[] =>
  world.host.functions.consumers
    .filter(({ definition }) =>
      definition.on.some((event) => event.type === type && event.type !== ANY_TYPE),
    )
    .map(({ name }) => name);

/** Is told of at most once in two seconds; the clock goes on, so that nobody has to wait. */
const COALESCED = /^(comment|content|gift|live)\./;

/** Hands one event to every consumer that hears it; the ones that refused it, by name and answer. */
export async function deliver(world: World, envelope: Envelope): Promise<string[]> {
  const refused: string[] = [];
  for (const name of hearersOf(world, envelope)) {
    if (COALESCED.test(envelope.type)) world.advance(seconds(2));
    const { status, body } = await whileAtWork(name, () => push(world, name, envelope));
    if (status !== 200)
      refused.push(`${name} ${envelope.type}: ${status} ${String(body['error'])}`);
  }
  return refused;
}

const ROUNDS = 8;

/**
 * Delivers what has happened and what follows from it, until nothing is left: in order, or what
 * waits each time from the last to the first, as often as said. What is refused comes again later.
 */
export async function deliverAll(
  world: World,
  { reversed, times }: { readonly reversed: boolean; readonly times: number },
  done: Set<string> = new Set(),
): Promise<void> {
  let refused: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const waiting = (await eventsSoFar()).filter(({ id }) => !done.has(id));
    if (waiting.length === 0) return;
    refused = [];
    for (const envelope of reversed ? waiting.reverse() : waiting) {
      const before = refused.length;
      for (let time = 0; time < times; time += 1) refused.push(...(await deliver(world, envelope)));
      if (refused.length === before) done.add(envelope.id);
    }
  }
  throw new Error(`never accepted: ${refused.join('; ')}`);
}

type Row = Readonly<Record<string, unknown>>;
export type State = Readonly<Record<string, readonly Row[]>>;

/** What only says that something was delivered, and not what it did. */
const BOOKKEEPING = new Set(['OutboxEvent', 'IdempotencyKey']);

/** Every stored document by its collection; without the marks of deliveries unless asked for. */
export async function stateOfEverything(all = false): Promise<State> {
  const state: Record<string, Row[]> = {};
  for (const model of Object.values(mongoose.models)) {
    if (!all && BOOKKEEPING.has(model.modelName)) continue;
    state[model.modelName] = await model.collection.find().sort({ _id: 1 }).toArray();
  }
  return state;
}

/** Puts every collection back to what it was. */
export async function restore(state: State): Promise<void> {
  for (const model of Object.values(mongoose.models)) {
    await model.collection.deleteMany({});
    const rows = state[model.modelName] ?? [];
    if (rows.length > 0) await model.collection.insertMany(rows.map((row) => ({ ...row })));
  }
}

/** What others make up each time, or takes as long as it takes; and seals over the time of writing. */
const INCIDENTAL = new Set(['hash', 'prevHash', 'milliseconds']);
const OPERATION = /\/operations\/[-0-9a-f]{36}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const ID = /^[0-9a-f]{24}$/;

/** A state without what is different each time: when it was written, and the ids of what is new. */
export function comparable(state: State, before: State = state): Record<string, string[]> {
  const known = new Set(JSON.stringify(before).match(/[0-9a-f]{24}/g));
  const plain = (value: unknown): unknown => {
    if (value instanceof Date) return 'then';
    if (value instanceof mongoose.Types.ObjectId) return plain(value.toHexString());
    if (typeof value === 'string') {
      if (TIME.test(value)) return 'then';
      return ID.test(value) && !known.has(value) ? 'new' : value.replace(OPERATION, '');
    }
    if (Array.isArray(value))
      return value
        .map(plain)
        .map((one) => JSON.stringify(one))
        .sort();
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).filter(([name]) => !INCIDENTAL.has(name));
    return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]));
  };
  return Object.fromEntries(
    Object.entries(state).map(([name, rows]) => [
      name,
      rows.map((row) => JSON.stringify(plain(row))).sort(),
    ]),
  );
}
