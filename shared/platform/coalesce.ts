import { setTimeout as delay } from 'node:timers/promises';
import { after, clock, seconds } from './clock.ts';
import { putIfAbsent, remove } from './firestore.ts';

/** A channel hears of one thing at most once in this time. */
const WINDOW_MS = seconds(2);
/** A tail that has not ended by then has died; its event will be delivered again. */
const TAIL_MS = seconds(20);
const PAUSE_MS = 200;

/**
 * Runs `send` at most once in two seconds for a key, over all instances, such that every caller is followed by a
 * `send` that begins after its call. `send` must read the state it sends.
 *
 * Who takes the window sends at once. Of those who come too late one becomes the tail: it waits for a window of
 * its own and sends for all of them; the others are done. Why nobody is forgotten: the tail gives up its place
 * before it reads the state, so whoever still found the place taken is older than what is read.
 */
export async function coalesce(key: string, eventId: string, send: () => Promise<void>) {
  if (await takeWindow(key, eventId)) return send();
  const until = after(clock.now(), TAIL_MS);
  if (!(await putIfAbsent('realtime-tails', key, eventId, until, clock.now()))) return;
  try {
    while (!(await takeWindow(key, eventId))) {
      if (clock.now() >= until) throw new Error(`No window of ${key} was free in time`);
      await delay(PAUSE_MS);
    }
  } finally {
    await remove('realtime-tails', key);
  }
  await send();
}

function takeWindow(key: string, eventId: string): Promise<boolean> {
  const now = clock.now();
  return putIfAbsent('realtime-windows', key, eventId, after(now, WINDOW_MS), now);
}
