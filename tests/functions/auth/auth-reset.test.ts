import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours } from '#platform/clock.ts';
import { startWorld, type World } from '../../support/world.ts';
import { mailedToken } from './letters.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const SUBJECT = 'Choose a new password';
const forgot = (email: string) => world.post('/api/auth/password/forgot', { email });
const reset = (body: object) => world.post('/api/auth/password/reset', body);
const login = (email: string, password: string) =>
  world.post('/api/auth/login', { email, password });

describe('authReset', () => {
  test('sets a new password by the mailed link, once, and ends every session', async () => {
    const alice = await world.person('alice');
    await forgot(alice.email);
    const token = await mailedToken(world, alice.email, SUBJECT);

    const answers = await Promise.all([
      reset({ token, password: 'the-new-password-1' }),
      reset({ token, password: 'the-new-password-2' }),
    ]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await alice.get('/api/users/me')).status).toBe(401);
    const { refreshToken } = alice;
    expect((await world.post('/api/auth/refresh', { refreshToken })).status).toBe(401);
    expect((await login(alice.email, alice.password)).status).toBe(401);
    const winner = answers[0]?.status === 200 ? 'the-new-password-1' : 'the-new-password-2';
    expect((await login(alice.email, winner)).status).toBe(200);
  });

  test.each([[{ $ne: null }], [{ $gt: '' }], [['a']], [true], [''], ['x'.repeat(43)]])(
    'refuses %j in place of a token',
    async (token) => {
      const { status } = await reset({ token, password: 'the-new-password' });

      expect(status).toBe(400);
    },
  );

  test('refuses a link that is an hour old', async () => {
    const bob = await world.person('bob');
    await forgot(bob.email);
    const token = await mailedToken(world, bob.email, SUBJECT);

    world.advance(hours(1));

    const { status, body } = await reset({ token, password: 'the-new-password' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'link_invalid' });
  });

  test('does not take a link for confirming an address', async () => {
    const carol = await world.person('carol');
    const token = await mailedToken(world, carol.email, 'Confirm your email address');

    expect((await reset({ token, password: 'the-new-password' })).status).toBe(400);
  });

  test('changes the password of who knows the old one, and keeps only the session that asked', async () => {
    const dave = await world.person('dave');
    const elsewhere = await login(dave.email, dave.password);
    const password = 'the-new-password';

    const wrong = await dave.post('/api/auth/password/reset', {
      currentPassword: 'not-my-password',
      password,
    });
    const right = await dave.post('/api/auth/password/reset', {
      currentPassword: dave.password,
      password,
    });

    expect([wrong.status, right.status]).toEqual([403, 200]);
    expect((await dave.get('/api/users/me')).status).toBe(200);
    const token = String(elsewhere.body['token']);
    expect((await world.get('/api/users/me', { token })).status).toBe(401);
    expect((await login(dave.email, password)).status).toBe(200);
  });
});
