import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

describe('authLogout', () => {
  test('ends the access token and the refresh token of this session, and no other', async () => {
    const alice = await world.person('alice');
    const elsewhere = await world.post('/api/auth/login', {
      email: alice.email,
      password: alice.password,
    });

    const { status, body } = await alice.post('/api/auth/logout', {});

    expect(status).toBe(200);
    expect(body).toEqual({ success: true });
    expect((await alice.get('/api/users/me')).body).toMatchObject({ error: 'Invalid token' });
    const { refreshToken } = alice;
    expect((await world.post('/api/auth/refresh', { refreshToken })).status).toBe(401);
    const token = String(elsewhere.body['token']);
    expect((await world.get('/api/users/me', { token })).status).toBe(200);
  });

  test('leaves the session of somebody else whose refresh token is sent along', async () => {
    const bob = await world.person('bob');
    const mallory = await world.person('mallory');

    const { status } = await mallory.post('/api/auth/logout', { refreshToken: bob.refreshToken });

    expect(status).toBe(200);
    expect((await bob.get('/api/users/me')).status).toBe(200);
  });
});
