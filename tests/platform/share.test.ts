import { describe, expect, test } from 'vitest';
import { sharing } from '#platform/share.ts';

/** Work that ends when told, and says when each run began. */
function controlled() {
  const ends: ((value: string) => void)[] = [];
  const fails: ((error: Error) => void)[] = [];
  const work = () =>
    new Promise<string>((resolve, reject) => {
      ends.push(resolve);
      fails.push(reject);
    });
  return { ends, fails, work };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('sharing', () => {
  test('gives nobody an answer that was begun before they asked', async () => {
    const { ends, work } = controlled();
    const ask = sharing<string>();

    const first = ask('page', work);
    const [second, third] = [ask('page', work), ask('page', work)];
    expect(ends).toHaveLength(1);
    ends[0]?.('before');
    expect(await first).toBe('before');
    await turn();
    expect(ends).toHaveLength(2);
    const fourth = ask('page', work);
    ends[1]?.('after');

    expect(await Promise.all([second, third])).toEqual(['after', 'after']);
    await turn();
    expect(ends).toHaveLength(3);
    ends[2]?.('last');
    expect(await fourth).toBe('last');
  });

  test('tells a failure to those who shared it and to nobody after them', async () => {
    const { ends, fails, work } = controlled();
    const ask = sharing<string>();

    const first = ask('page', work);
    const second = ask('page', work);
    fails[0]?.(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await turn();
    ends[1]?.('found');

    expect(await second).toBe('found');
  });

  test('keeps different things apart', async () => {
    const { ends, work } = controlled();
    const ask = sharing<string>();

    void ask('one', work);
    void ask('other', work);

    expect(ends).toHaveLength(2);
  });
});
