import { createHmac } from 'node:crypto';
import { after, days, seconds } from './clock.ts';
import { config } from './config.ts';
import { connect, transaction } from './database.ts';
import { duplicateKey } from './duplicate.ts';
import { type IdempotencyKey, IdempotencyKeys } from './idempotency.model.ts';
import { IdempotencyKeyReused, RequestInProgress } from './problem.ts';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
}

interface Once<Body> {
  readonly scope: string;
  readonly key: string;
  /** What was asked for; the same key with something else is refused. */
  readonly input: unknown;
  readonly now: Date;
  readonly work: () => Promise<Answer<Body>>;
}

export const KEEP_MS = days(90);
/** A run that has not ended by then has died, and the key may be worked on again. */
const LEASE_MS = seconds(60);

/**
 * A digest that does not depend on the order of an object's keys. It is keyed, because it is kept
 * and a request may hold a password.
 */
export const digest = (input: unknown): string =>
  createHmac('sha256', config().CURSOR_SECRET).update(canonical(input)).digest('base64url');

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? 'undefined';

export const findKey = (scope: string, key: string) =>
  IdempotencyKeys.findOne({ scope, key }).lean();

/** The answer that was given; throws while there is none, or when something else was asked for. */
export function replay<Body>(earlier: IdempotencyKey, bodyHash: string, now: Date): Answer<Body> {
  if (earlier.bodyHash !== bodyHash) throw new IdempotencyKeyReused();
  if (earlier.status === 'done' && earlier.response) return earlier.response as Answer<Body>;
  const wait = Math.ceil((earlier.lockedUntil.getTime() - now.getTime()) / 1000);
  throw new RequestInProgress({ retryAfterSeconds: Math.max(1, wait) });
}

/**
 * Does the work of a key once: the claim, the work and the answer are one transaction, so of two
 * simultaneous requests one works and the other is given its answer. Failed work leaves nothing,
 * and its key may be used again.
 */
export async function once<Body>({ scope, key, input, now, work }: Once<Body>) {
  await connect();
  const bodyHash = digest(input);
  const earlier = await findKey(scope, key);
  if (earlier) return { answer: replay<Body>(earlier, bodyHash, now), replayed: true };
  const row = { scope, key, bodyHash, lockedUntil: now, expiresAt: after(now, KEEP_MS) };
  try {
    const answer = await transaction(async () => {
      // The key is claimed before anything is spent.
      await IdempotencyKeys.create([row]);
      const done = await work();
      await IdempotencyKeys.updateOne(
        { scope, key },
        { $set: { status: 'done', response: { status: done.status, body: plain(done.body) } } },
      );
      return done;
    });
    return { answer, replayed: false };
  } catch (error) {
    const winner = duplicateKey(error) === 'scope' ? await findKey(scope, key) : null;
    if (winner) return { answer: replay<Body>(winner, bodyHash, now), replayed: true };
    throw error;
  }
}

/**
 * The same promise for work that calls another company and so cannot be one transaction: the key
 * is leased first, and the work, which must itself be repeatable, is run again if the one who held
 * the lease died.
 */
export async function onceLeased<Body>({ scope, key, input, now, work }: Once<Body>) {
  await connect();
  const bodyHash = digest(input);
  const lease = { lockedUntil: after(now, LEASE_MS), expiresAt: after(now, KEEP_MS) };
  try {
    await IdempotencyKeys.create([{ scope, key, bodyHash, ...lease }]);
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    const earlier = await findKey(scope, key);
    if (!earlier) throw new RequestInProgress({ retryAfterSeconds: 1 });
    if (earlier.status === 'done' || earlier.bodyHash !== bodyHash || earlier.lockedUntil > now)
      return { answer: replay<Body>(earlier, bodyHash, now), replayed: true };
    const { modifiedCount } = await IdempotencyKeys.updateOne(
      { _id: earlier._id, status: 'running', lockedUntil: earlier.lockedUntil },
      { $set: lease },
    );
    if (modifiedCount === 0) throw new RequestInProgress({ retryAfterSeconds: 1 });
  }
  try {
    const answer = await work();
    await IdempotencyKeys.updateOne(
      { scope, key },
      { $set: { status: 'done', response: { status: answer.status, body: plain(answer.body) } } },
    );
    return { answer, replayed: false };
  } catch (error) {
    await IdempotencyKeys.deleteOne({ scope, key, status: 'running' });
    throw error;
  }
}

/** The body as it will be read from the wire, so that a replay is the same to the byte. */
export const plain = (body: unknown): unknown =>
  body === undefined ? undefined : JSON.parse(JSON.stringify(body));

const KEEP_EVENT_MS = days(14);

/** Marks an event as dealt with by a consumer, inside its transaction; false if it already was. */
export async function claimEvent(consumer: string, eventId: string, now: Date): Promise<boolean> {
  const scope = `event:${consumer}`;
  if (await IdempotencyKeys.exists({ scope, key: eventId })) return false;
  await IdempotencyKeys.create([
    {
      scope,
      key: eventId,
      status: 'done',
      lockedUntil: now,
      expiresAt: after(now, KEEP_EVENT_MS),
    },
  ]);
  return true;
}
