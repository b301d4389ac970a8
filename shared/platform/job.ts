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

/**
 * Goes through all items in batches until none is left or the time is up. An item that fails is
 * logged and left for the next run; a batch in which nothing succeeded ends the run.
 */
export async function inBatches<Item>({ find, each, deadline, log }: Batches<Item>) {
  let done = 0;
  let failed = 0;
  while (clock.now() < deadline) {
    const items = await find(BATCH);
    if (items.length === 0) return { done, failed, finished: true };
    let progressed = false;
    for (const item of items) {
      try {
        await each(item);
        done += 1;
        progressed = true;
      } catch (error) {
        failed += 1;
        log.error('item left for the next run', { error });
      }
    }
    if (!progressed) break;
  }
  return { done, failed, finished: false };
}
