import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours } from '#platform/clock.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

const refresh = (refreshToken: unknown) => world.post('/api/auth/refresh', { refreshToken });

describe('authRefresh', () => {
  test('gives new tokens, and ends the session when the old one is used again', async () => {
    const alice = await world.person('alice');
    const rotated = await refresh(alice.refreshToken);
    expect(rotated.status).toBe(200);
    const token = String(rotated.body['token']);
    expect((await world.get('/api/users/me', { token })).status).toBe(200);

    const reused = await refresh(alice.refreshToken);

    expect(reused.status).toBe(401);
    expect(reused.body).toMatchObject({ error: 'Invalid token', code: 'token_reused' });
    expect((await refresh(rotated.body['refreshToken'])).status).toBe(401);
    expect((await world.get('/api/users/me', { token })).status).toBe(401);
    const compromised = await OutboxEvents.find({ type: 'session.compromised' }).lean();
    expect(compromised.map(({ payload }) => payload.data['userId'])).toEqual([alice.id]);
  });

  test('lets one of two simultaneous uses win, and then ends the session', async () => {
    const bob = await world.person('bob');

    const answers = await Promise.all([refresh(bob.refreshToken), refresh(bob.refreshToken)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await refresh(winner?.body['refreshToken'])).status).toBe(401);
  });

  test('outlives the access token, which says that it has expired', async () => {
    const carol = await world.person('carol');

    world.advance(hours(2));

    const late = await carol.get('/api/users/me');
    expect(late.status).toBe(401);
    expect(late.body).toMatchObject({ error: 'Token expired' });
    expect((await refresh(carol.refreshToken)).status).toBe(200);
  });

  test('refuses an access token in place of a refresh token', async () => {
    const dave = await world.person('dave');

    const { status, body } = await refresh(dave.token);

    expect(status).toBe(401);
    expect(body).toMatchObject({ error: 'Invalid token' });
  });
});
