import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

interface Listed {
  readonly id: string;
  readonly current: boolean;
  readonly device: { readonly name: string | null };
}
const sessionsIn = (body: unknown): readonly Listed[] =>
  (body as { readonly sessions: readonly Listed[] }).sessions;

describe('authSessions', () => {
  test('lists the devices that are signed in and marks the one that asks', async () => {
    const alice = await world.person('alice');
    await world.post('/api/auth/login', {
      email: alice.email,
      password: alice.password,
      device: { name: 'Kitchen tablet', platform: 'android', pushToken: 'push-1' },
    });

    const { body } = await alice.get('/api/auth/sessions');

    const listed = sessionsIn(body).map(({ device, current }) => [device.name, current]);
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual(['Kitchen tablet', false]);
    expect(listed).toContainEqual([null, true]);
    expect(JSON.stringify(body)).not.toMatch(/push-1|tokenHash|127\.0\.0\.1/);
  });

  test('pages through many without losing one', async () => {
    const bob = await world.person('bob');
    for (let device = 0; device < 4; device += 1)
      await world.post('/api/auth/login', { email: bob.email, password: bob.password });

    const first = await bob.get('/api/auth/sessions?limit=3');
    const second = await bob.get(`/api/auth/sessions?limit=3&cursor=${first.body['nextCursor']}`);

    const ids = [first, second].flatMap(({ body }) => sessionsIn(body).map(({ id }) => id));
    expect(new Set(ids).size).toBe(5);
    expect(second.body['nextCursor']).toBeNull();
  });
});
