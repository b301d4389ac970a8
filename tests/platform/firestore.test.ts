import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startFirestore } from '#local/google/emulators.ts';
import { closeFirestore, get, increment, put, putIfAbsent, remove } from '#platform/firestore.ts';
import { aPlace, useEnvironment } from '../local/google/support.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startFirestore(await aPlace());
  useEnvironment(engine);
}, 90_000);

afterAll(async () => {
  await closeFirestore();
  await engine.stop();
});

const now = new Date('2026-11-23T12:00:00.000Z');
const later = new Date('2026-11-23T12:05:00.250Z');

describe('a counter', () => {
  test('counts 100 increments at once, each of which sees its own number', async () => {
    const seen = await Promise.all(
      Array.from({ length: 100 }, () =>
        increment('counters', 'login:a@b.test', { by: 1, expiresAt: later }),
      ),
    );

    expect(seen.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    expect(await get('counters', 'login:a@b.test', now)).toBe(100);
  });

  test('counts by any step, is not seen after its expiry, and can be forgotten', async () => {
    await increment('counters', 'steps', { by: 5, expiresAt: later });
    expect(await increment('counters', 'steps', { by: -2, expiresAt: later })).toBe(3);
    expect(await get('counters', 'steps', later)).toBeUndefined();

    await remove('counters', 'steps');
    expect(await increment('counters', 'steps', { by: 1, expiresAt: later })).toBe(1);
  });
});

describe('a value', () => {
  test('is there until the moment it expires', async () => {
    await put('values', 'flag', { on: true, list: [1, 'two', null] }, later);

    expect(await get('values', 'flag', now)).toEqual({ on: true, list: [1, 'two', null] });
    expect(await get('values', 'flag', new Date(later.getTime() - 1))).toBeDefined();
    expect(await get('values', 'flag', later)).toBeUndefined();
    expect(await get('values', 'none', now)).toBeUndefined();
  });

  test('goes to one of many who put it if absent', async () => {
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) => putIfAbsent('values', 'claimed', index, later, now)),
    );

    const winner = claims.indexOf(true);
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await get('values', 'claimed', now)).toBe(winner);
  });

  test('goes to one of many again once it has expired', async () => {
    await put('values', 'stale', 'old', now);

    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) => putIfAbsent('values', 'stale', index, later, now)),
    );

    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await get('values', 'stale', now)).toBe(claims.indexOf(true));
  });

  test('can be taken again after it was removed, which may happen twice', async () => {
    await putIfAbsent('values', 'lock', 1, later, now);
    await remove('values', 'lock');
    await remove('values', 'lock');

    expect(await putIfAbsent('values', 'lock', 2, later, now)).toBe(true);
  });

  const keys = ['a/b', '.', '..', '__x__', '', '../../other', 'ü 💥', 'k'.repeat(3000)];

  test.each(keys)('may have the key %j', async (key) => {
    await put('keys', key, `of ${key.length}`, later);

    expect(await get('keys', key, now)).toBe(`of ${key.length}`);
  });
});
