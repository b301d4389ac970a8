import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { after, minutes } from '#platform/clock.ts';
import { onceLeased } from '#platform/idempotency.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

/** Work that never comes to an end, as that of an instance that was killed. */
const died = () => new Promise<never>(() => undefined);
const done = async () => ({ status: 201, body: { did: 'it' } });

describe('a leased key', () => {
  test('is held against others while somebody works on it', async () => {
    const now = new Date();
    const once = { scope: 'user:held', key: 'k', input: { a: 1 }, now };
    let begun = () => {};
    const working = new Promise<void>((resolve) => {
      begun = resolve;
    });
    void onceLeased({ ...once, work: () => (begun(), died()) });
    await working;

    await expect(onceLeased({ ...once, work: done })).rejects.toMatchObject({
      code: 'request_in_progress',
    });
  });

  test('passes to the next one when whoever held it has died, and is answered once', async () => {
    const now = new Date();
    const once = { scope: 'user:died', key: 'k', input: { a: 1 }, now };
    let begun = () => {};
    const working = new Promise<void>((resolve) => {
      begun = resolve;
    });
    void onceLeased({ ...once, work: () => (begun(), died()) });
    await working;
    const later = { ...once, now: after(now, minutes(2)) };

    const second = await onceLeased({ ...later, work: done });
    const third = await onceLeased({ ...later, work: died });

    expect([second.replayed, third.replayed]).toEqual([false, true]);
    expect(third.answer).toEqual(second.answer);
    await expect(onceLeased({ ...later, input: { a: 2 }, work: died })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('is free again when the work failed', async () => {
    const once = { scope: 'user:failed', key: 'k', input: {}, now: new Date() };
    const failed = onceLeased({ ...once, work: () => Promise.reject(new Error('no')) });
    await expect(failed).rejects.toThrow('no');

    expect((await onceLeased({ ...once, work: done })).replayed).toBe(false);
  });
});
