import bcrypt from 'bcryptjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hashPassword, passwordMatches } from '#platform/password.ts';
import { completeEnvironment } from '../support/place.ts';

beforeAll(() => {
  Object.assign(process.env, completeEnvironment);
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('passwords', () => {
  test('are hashed as bcrypt does, and compared', async () => {
    const hash = await hashPassword('Password123!');

    expect(await bcrypt.compare('Password123!', hash)).toBe(true);
    expect(await passwordMatches('Password123!', hash)).toBe(true);
    expect(await passwordMatches('password123!', hash)).toBe(false);
  });

  test('match nothing where there is no account', async () => {
    expect(await passwordMatches('', undefined)).toBe(false);
    expect(await passwordMatches('Password123!', undefined)).toBe(false);
  });

  test('leave the event loop to others while they are computed', async () => {
    let done = false;
    const hashing = hashPassword('Password123!').finally(() => {
      done = true;
    });

    let turns = 0;
    while (!done) {
      await nextTurn();
      turns += 1;
    }

    await hashing;
    expect(turns).toBeGreaterThan(20);
  });

  test('are answered all, when many come at once', async () => {
    const hash = await hashPassword('Password123!');

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, nth) =>
        passwordMatches(nth % 2 === 0 ? 'Password123!' : 'another', hash),
      ),
    );

    expect(answers).toEqual(answers.map((_, nth) => nth % 2 === 0));
  });
});
