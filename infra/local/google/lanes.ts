import { atMost } from '#platform/at-most.ts';

/** Runs a piece of work when a slot is free. */
export type Enter = <T>(work: () => Promise<T>) => Promise<T>;

interface Waiting<Item> {
  readonly item: Item;
  readonly run: (enter: Enter) => Promise<void>;
}

/**
 * Runs many jobs with a bounded number of slots. Jobs of one key run one after the other, oldest
 * first; a job that only waits holds its key but no slot.
 */
export class Lanes<Item> {
  readonly #enter: Enter;
  readonly #compare: (a: Item, b: Item) => number;
  readonly #keys = new Map<string, Waiting<Item>[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(slots: number, compare: (a: Item, b: Item) => number) {
    this.#enter = atMost(() => slots);
    this.#compare = compare;
  }

  add(item: Item, key: string | undefined, run: (enter: Enter) => Promise<void>): void {
    if (key === undefined) {
      this.#track(run(this.#enter));
      return;
    }
    const waiting = this.#keys.get(key);
    if (waiting !== undefined) {
      const behind = waiting.findIndex((other) => this.#compare(item, other.item) < 0);
      waiting.splice(behind < 0 ? waiting.length : behind, 0, { item, run });
      return;
    }
    const lane = [{ item, run }];
    this.#keys.set(key, lane);
    // A turn later, so that what arrived in one batch is in order before the first of it runs.
    this.#track(Promise.resolve().then(() => this.#drive(key, lane)));
  }

  async #drive(key: string, lane: Waiting<Item>[]): Promise<void> {
    for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
      await next.run(this.#enter);
    }
    this.#keys.delete(key);
  }

  #track(job: Promise<void>): void {
    this.#running.add(job);
    void job.finally(() => this.#running.delete(job));
  }

  /** Resolves when every job that was added has ended. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
