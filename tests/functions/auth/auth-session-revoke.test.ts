import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

interface Listed {
  readonly sessions: readonly { readonly id: string; readonly current: boolean }[];
}
const currentIn = (body: unknown): string =>
  (body as Listed).sessions.find(({ current }) => current)?.id ?? '';

describe('authSessionRevoke', () => {
  test('ends one session from another', async () => {
    const alice = await world.person('alice');
    const lost = await world.post('/api/auth/login', {
      email: alice.email,
      password: alice.password,
    });
    const token = String(lost.body['token']);
    const sid = currentIn((await world.get('/api/auth/sessions', { token })).body);

    const { status } = await alice.delete(`/api/auth/sessions/${sid}`);

    expect(status).toBe(200);
    expect((await world.get('/api/users/me', { token })).status).toBe(401);
    expect((await alice.get('/api/users/me')).status).toBe(200);
    expect((await alice.delete(`/api/auth/sessions/${sid}`)).status).toBe(404);
  });

  test('ends all of them', async () => {
    const bob = await world.person('bob');
    await world.post('/api/auth/login', { email: bob.email, password: bob.password });

    const { body } = await bob.delete('/api/auth/sessions/all');

    expect(body).toEqual({ success: true, revoked: 2 });
    expect((await bob.get('/api/users/me')).status).toBe(401);
  });

  test('does not touch the session of somebody else', async () => {
    const carol = await world.person('carol');
    const mallory = await world.person('mallory');
    const sid = currentIn((await carol.get('/api/auth/sessions')).body);

    expect((await mallory.delete(`/api/auth/sessions/${sid}`)).status).toBe(404);

    expect((await carol.get('/api/users/me')).status).toBe(200);
  });
});
