import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coalesce } from '#platform/coalesce.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

describe('coalesce', () => {
  test('sends at once, then at most once in two seconds, and the last state always', async () => {
    const sent: { readonly state: number; readonly at: number }[] = [];
    let state = 0;
    const change = async (): Promise<void> => {
      state += 1;
      const mine = state;
      await coalesce('video', `event-${mine}`, async () => {
        sent.push({ state, at: Date.now() });
      });
    };

    await change();
    expect(sent.map((one) => one.state)).toEqual([1]);
    await Promise.all(Array.from({ length: 20 }, change));
    await Promise.all(Array.from({ length: 20 }, change));

    expect(sent.at(-1)?.state).toBe(41);
    const took = (sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0);
    expect(sent.length).toBeLessThanOrEqual(Math.floor(took / 2000) + 2);
  });

  test('keeps the windows of different things apart', async () => {
    const sent: string[] = [];
    const send = (key: string) =>
      coalesce(key, 'event', async () => {
        sent.push(key);
      });

    await Promise.all([send('one'), send('other')]);

    expect(sent.sort()).toEqual(['one', 'other']);
  });
});
