import { expect, test } from 'vitest';
import { atMost } from '#platform/at-most.ts';

test('lets in so many at once and the rest in order, also after failures', async () => {
  const door = atMost(() => 2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) => () => {
    begun.push(number);
    return new Promise<number>((resolve, reject) => {
      ends.push(number === 1 ? () => reject(new Error('one')) : () => resolve(number));
    });
  };
  const one = door(work(1)).catch((error: Error) => error.message);
  const others = [2, 3, 4].map((number) => door(work(number)));
  expect(begun).toEqual([1, 2]);

  ends[0]?.();
  expect(await one).toBe('one');
  const late = door(work(5));
  expect(begun).toEqual([1, 2, 3]);

  for (const index of [1, 2, 3, 4]) {
    ends[index]?.();
    await new Promise(setImmediate);
  }

  expect(await Promise.all([...others, late])).toEqual([2, 3, 4, 5]);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});
