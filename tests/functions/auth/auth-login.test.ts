import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeStatus } from '#domain/users/accounts.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { atTheStartOf } from './windows.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const login = (body: object, userAgent = 'Mixillo/1.0 (Phone)') =>
  world.post('/api/auth/login', body, { headers: { 'user-agent': userAgent } });
const credentials = ({ email, password }: Person) => ({ email, password });

describe('authLogin', () => {
  test('signs in by address or by username, whatever their capitals', async () => {
    const alice = await world.person('alice');

    const byEmail = await login({ email: alice.email.toUpperCase(), password: alice.password });
    const byName = await login({
      username: alice.username.toUpperCase(),
      password: alice.password,
    });

    expect([byEmail.status, byName.status]).toEqual([200, 200]);
    expect(byEmail.body).toMatchObject({ user: { id: alice.id }, expiresIn: 3600 });
    expect(byName.body['user']?.['id']).toBe(alice.id);
  });

  test('answers a wrong password and an unknown account alike', async () => {
    const bob = await world.person('bob');

    const wrong = await login({ email: bob.email, password: 'not-the-password' });
    const unknown = await login({ email: 'nobody@example.com', password: 'not-the-password' });

    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    for (const { body } of [wrong, unknown])
      expect(body).toEqual({
        error: 'Invalid credentials',
        code: 'invalid_credentials',
        requestId: expect.any(String),
      });
  });

  test('locks out who keeps guessing, even in parallel, and lets them in a quarter of an hour later', async () => {
    const carol = await world.person('carol');
    atTheStartOf(world, minutes(15));
    const guesses = Array.from({ length: 15 }, (_, guess) =>
      login({ email: carol.email, password: `guess-number-${guess}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);

    const right = await login(credentials(carol));

    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login(credentials(await world.person('other')))).status).toBe(200);
    world.advance(minutes(15));
    expect((await login(credentials(carol))).status).toBe(200);
  });

  test('refuses a banned account with 403, and its old tokens at once', async () => {
    const dave = await world.person('dave');
    await transaction(() =>
      changeStatus(toId(dave.id), { status: 'banned' }, { now: world.now() }),
    );

    const again = await login(credentials(dave));
    const before = await dave.get('/api/users/me');
    const refreshed = await world.post('/api/auth/refresh', { refreshToken: dave.refreshToken });

    expect([again.status, before.status, refreshed.status]).toEqual([403, 403, 403]);
    expect(again.body).toMatchObject({ error: 'Account restricted' });
    expect((await world.get(`/api/users/${dave.id}`)).status).toBe(404);
    await transaction(() =>
      changeStatus(toId(dave.id), { status: 'active' }, { now: world.now() }),
    );
    expect((await dave.get('/api/users/me')).status).toBe(401);
    expect((await login(credentials(dave))).status).toBe(200);
  });

  test('tells the owner by mail of a device that was not seen before, and of no other', async () => {
    const erin = await world.person('erin');
    await login(credentials(erin), 'Mixillo/2.0 (Tablet)');
    await login(credentials(erin), 'Mixillo/2.1 (Tablet)');

    await world.settle();

    const letters = await world.mails(erin.email);
    const warnings = letters.filter(({ subject }) => subject === 'New sign-in to your account');
    expect(warnings).toHaveLength(1);
  });
});
