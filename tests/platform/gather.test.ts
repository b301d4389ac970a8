import { describe, expect, test } from 'vitest';
import { type Fate, gather } from '#platform/gather.ts';

/** Runs that end when the test says so. */
function gate() {
  const runs: { readonly items: readonly number[]; readonly open: () => void }[] = [];
  const run = (items: readonly number[]) =>
    new Promise<readonly Fate<number>[]>((resolve) => {
      const fates = items.map((value): Fate<number> => ({ status: 'fulfilled', value: value * 2 }));
      runs.push({ items, open: () => resolve(fates) });
    });
  return { runs, run };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('gather', () => {
  test('begins at once, and runs together what comes meanwhile, at most so many', async () => {
    const { runs, run } = gate();
    const double = gather(3, run);

    const answers = [1, 2, 3, 4, 5].map(double);
    runs[0]?.open();
    await turn();
    runs[1]?.open();
    await turn();
    runs[2]?.open();

    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]]);
  });

  test('gives each its own fate', async () => {
    const run = async (items: readonly number[]): Promise<Fate<number>[]> =>
      items.map((value) =>
        value < 0
          ? { status: 'rejected', reason: new Error('negative') }
          : { status: 'fulfilled', value },
      );
    const positive = gather(10, run);

    const fates = await Promise.allSettled([1, -1, 2].map(positive));

    expect(fates.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('goes on after a run that failed', async () => {
    let broken = true;
    const ask = gather<number, number>(10, async (items) => {
      if (broken) throw new Error('no connection');
      return items.map((value) => ({ status: 'fulfilled', value }));
    });

    await expect(ask(1)).rejects.toThrow('no connection');
    broken = false;

    expect(await ask(2)).toBe(2);
  });

  test('tells whoever a run forgot', async () => {
    const forgetful = gather<number, number>(10, async () => []);

    await expect(forgetful(1)).rejects.toThrow('forgot');
  });
});
