import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { inTurn } from '#platform/in-turn.ts';

describe('inTurn', () => {
  test('runs work of one key one after the other, in the order of the calls', async () => {
    const told: string[] = [];
    const work = (name: string) => async () => {
      told.push(`${name} begins`);
      await turn();
      told.push(`${name} ends`);
      return name;
    };

    const answers = await Promise.all(
      ['one', 'two', 'three'].map((name) => inTurn('key', work(name))),
    );

    expect(answers).toEqual(['one', 'two', 'three']);
    expect(told).toEqual([
      ...['one begins', 'one ends', 'two begins'],
      ...['two ends', 'three begins', 'three ends'],
    ]);
  });

  test('goes on after work that failed, and tells only its caller', async () => {
    const failed = inTurn('key', async () => {
      throw new Error('lost');
    });
    const next = inTurn('key', async () => 'found');

    await expect(failed).rejects.toThrow('lost');
    expect(await next).toBe('found');
  });
});
