import { clock } from './clock.ts';
import type { Resources } from './endpoint.ts';
import type { Logger } from './log.ts';

export interface Tick {
  readonly now: Date;
  /** When the run has to have ended, by the real clock of the instance. */
  readonly deadline: Date;
  readonly log: Logger;
}

/** Work by the clock. A run may be missed, doubled or cut short; the next one finishes it. */
export interface Job {
  readonly summary: string;
  /** Cron, in UTC. */
  readonly schedule: string;
  /** 300 unless said. */
  readonly timeoutSeconds?: number;
  readonly resources?: Resources;
  readonly handler: (tick: Tick) => Promise<void>;
}

export interface AnyJob extends Job {
  readonly kind: 'job';
}

export const DEFAULT_JOB_SECONDS = 300;

export const job = (definition: Job): AnyJob => ({ kind: 'job', ...definition });

interface Batches<Item> {
  readonly find: (limit: number) => Promise<readonly Item[]>;
  /** Deals with one item such that `find` does not return it again; an error skips it. */
  readonly each: (item: Item) => Promise<void>;
  readonly deadline: Date;
  readonly log: Logger;
}

const BATCH = 100;
/** So many failures have one cause, which the next item would meet as well. */
const MOST_FAILED = 1000;

/**
 * Goes through all items in batches until none is left or the time is up. An item that fails is
 * logged and left for the next run, and those behind it have their turn all the same: `find` is asked
 * for as many more as failed.
 */
export async function inBatches<Item extends object>(batches: Batches<Item>) {
  const { find, each, deadline, log } = batches;
  let done = 0;
  const failed = new Set<string>();
  const over = (): boolean => clock.now() >= deadline || failed.size >= MOST_FAILED;
  while (!over()) {
    const items = (await find(BATCH + failed.size)).filter((item) => !failed.has(nameOf(item)));
    if (items.length === 0) return { done, failed: failed.size, finished: failed.size === 0 };
    for (const item of items.slice(0, BATCH)) {
      if (over()) break;
      try {
        await each(item);
        done += 1;
      } catch (error) {
        failed.add(nameOf(item));
        log.error('item left for the next run', { error, item: nameOf(item) });
      }
    }
  }
  return { done, failed: failed.size, finished: false };
}

/** What tells one item from the others: its id, or all there is of it. */
const nameOf = (item: object): string => ('_id' in item ? String(item._id) : JSON.stringify(item));
