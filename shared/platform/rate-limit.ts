import { createHmac } from 'node:crypto';
import { after } from './clock.ts';
import { config } from './config.ts';
import { increment } from './firestore.ts';
import { log } from './log.ts';
import { RateLimited } from './problem.ts';

const WINDOW_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

export interface RateLimit {
  readonly by: 'actor' | 'address';
  readonly limit: number;
  readonly windowSeconds: number;
  /** Counted over all instances. Costs a write for each request: for the sensitive few. */
  readonly shared: boolean;
}

type Window = keyof typeof WINDOW_SECONDS;
const rate = (by: RateLimit['by'], shared: boolean) => (limit: number, window: Window) => ({
  by,
  limit,
  windowSeconds: WINDOW_SECONDS[window],
  shared,
});

/** So many requests of one user, counted by each instance for itself. */
export const perActor = rate('actor', false);
/** So many requests of one network address, counted by each instance for itself. */
export const perAddress = rate('address', false);
/** So many requests of one user over all instances. */
export const perActorShared = rate('actor', true);
/** So many requests of one network address over all instances. */
export const perAddressShared = rate('address', true);

interface Counter {
  count: number;
  endsAt: number;
}
const counters = new Map<string, Counter>();
const MOST_COUNTERS = 50_000;

/** Addresses are personal data: what is stored is a keyed digest. */
export const addressKey = (address: string): string =>
  createHmac('sha256', config().CURSOR_SECRET).update(address).digest('base64url').slice(0, 22);

function countHere(key: string, endsAt: number, now: number): number {
  if (counters.size >= MOST_COUNTERS)
    for (const [old, counter] of counters) if (counter.endsAt <= now) counters.delete(old);
  // Still full of live windows: an attack by many addresses. Forgetting the oldest bounds memory.
  if (counters.size >= MOST_COUNTERS) {
    const oldest = counters.keys().next();
    if (!oldest.done) counters.delete(oldest.value);
  }
  const counter = counters.get(key);
  if (!counter || counter.endsAt <= now) {
    counters.set(key, { count: 1, endsAt });
    return 1;
  }
  counter.count += 1;
  return counter.count;
}

/** Counts one request in a fixed window. Throws `RateLimited` with the seconds left to wait. */
export async function limitRate(
  functionName: string,
  { by, limit, windowSeconds, shared }: RateLimit,
  caller: { readonly actor?: string; readonly address: string },
  now: Date,
): Promise<void> {
  const who = by === 'actor' && caller.actor ? caller.actor : addressKey(caller.address);
  const windowMs = windowSeconds * 1000;
  const window = Math.floor(now.getTime() / windowMs);
  const endsAt = (window + 1) * windowMs;
  const key = `${functionName}:${who}:${window}`;
  const count = shared
    ? await countShared(key, new Date(endsAt), now)
    : countHere(key, endsAt, now.getTime());
  if (count > limit * config().RATE_LIMIT_SCALE)
    throw new RateLimited({ retryAfterSeconds: Math.ceil((endsAt - now.getTime()) / 1000) });
}

/** Without the shared store the limit is kept by this instance alone: weaker, but the door stays open. */
async function countShared(key: string, endsAt: Date, now: Date): Promise<number> {
  try {
    return await increment('rate-limits', key, { by: 1, expiresAt: after(endsAt, 60_000) });
  } catch (error) {
    log.warning('shared rate limit unavailable', { error });
    return countHere(key, endsAt.getTime(), now.getTime());
  }
}
