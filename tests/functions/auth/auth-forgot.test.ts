import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours } from '#platform/clock.ts';
import { startWorld, type World } from '../../support/world.ts';
import { atTheStartOf } from './windows.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const forgot = (email: string) => world.post('/api/auth/password/forgot', { email });

describe('authForgot', () => {
  test('answers the same for an address without an account, and mails nobody', async () => {
    const erin = await world.person('erin');

    const known = await forgot(erin.email);
    const unknown = await forgot('nobody-at-all@example.com');

    expect([known.status, unknown.status]).toEqual([202, 202]);
    expect(unknown.body).toEqual(known.body);
    await world.settle();
    expect(await world.mails('nobody-at-all@example.com')).toEqual([]);
  });

  test('mails at most three letters an hour to one address', async () => {
    const frank = await world.person('frank');
    atTheStartOf(world, hours(1));
    for (let letter = 0; letter < 5; letter += 1) await forgot(frank.email);

    await world.settle();

    const letters = await world.mails(frank.email);
    expect(
      letters.filter(({ subject }) => subject === 'Choose a new password').length,
    ).toBeLessThanOrEqual(3);
  });
});
