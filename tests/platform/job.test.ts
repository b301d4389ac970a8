import { afterEach, beforeEach, expect, test } from 'vitest';
import { advanceClock, resetClock } from '#local/host/control.ts';
import { after, clock, hours, minutes } from '#platform/clock.ts';
import { inBatches } from '#platform/job.ts';
import type { Logger } from '#platform/log.ts';

interface Item {
  readonly _id: number;
}
/** A queue whose oldest are found first; what was dealt with leaves it. */
function queueOf(length: number) {
  const items: Item[] = Array.from({ length }, (_, index) => ({ _id: index }));
  let most = 0;
  return {
    find: async (limit: number) => {
      most = Math.max(most, limit);
      return items.slice(0, limit);
    },
    leave: ({ _id }: Item) =>
      void items.splice(
        items.findIndex((one) => one._id === _id),
        1,
      ),
    left: () => items.map(({ _id }) => _id),
    most: () => most,
  };
}
let errors: unknown[] = [];
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  error: (_message, facts) => void errors.push(facts?.['item']),
};
beforeEach(() => {
  errors = [];
});
afterEach(resetClock);

const soon = () => ({ deadline: after(clock.now(), hours(1)), log });

test('goes on past what it cannot handle, however much lies before the rest', async () => {
  const queue = queueOf(400);
  const tried = new Map<number, number>();
  const each = async (item: Item) => {
    tried.set(item._id, (tried.get(item._id) ?? 0) + 1);
    if (item._id < 150) throw new Error('cannot be handled');
    queue.leave(item);
  };

  const { done, failed, finished } = await inBatches({ find: queue.find, each, ...soon() });

  expect({ done, failed, finished }).toEqual({ done: 250, failed: 150, finished: false });
  expect(queue.left()).toEqual(Array.from({ length: 150 }, (_, index) => index));
  expect(Math.max(...tried.values())).toBe(1);
  expect(errors).toEqual(queue.left().map(String));
});

test('gives up when a thousand have failed', async () => {
  const queue = queueOf(3000);
  const each = () => Promise.reject(new Error('nothing can be handled'));

  const { failed } = await inBatches({ find: queue.find, each, ...soon() });

  expect(failed).toBe(1000);
  expect(queue.most()).toBeLessThanOrEqual(1000);
});

test('ends with its time, also in the middle of a batch', async () => {
  const queue = queueOf(50);
  const deadline = after(clock.now(), hours(1));
  const each = async (item: Item) => {
    queue.leave(item);
    advanceClock(minutes(20));
  };

  const { done, finished } = await inBatches({ find: queue.find, each, deadline, log });

  expect({ done, finished }).toEqual({ done: 3, finished: false });
});

test('tells items without an id apart by what they are', async () => {
  const items = [{ name: 'bad' }, { name: 'good' }];
  const done: string[] = [];
  const each = async ({ name }: { readonly name: string }) => {
    if (name === 'bad') throw new Error('cannot be handled');
    done.push(name);
    items.pop();
  };

  const result = await inBatches({ find: async () => items, each, ...soon() });

  expect([done, result]).toEqual([['good'], { done: 1, failed: 1, finished: false }]);
});
