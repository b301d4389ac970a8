import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';
import { challengeOf, withAuthenticator } from './authenticator.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

describe('authMfa', () => {
  test('asks for no second factor before the first code of the authenticator', async () => {
    const alice = await world.person('alice');
    const { email, password } = alice;

    const { status, body } = await alice.put('/api/auth/mfa', { action: 'enroll', password });

    expect(status).toBe(200);
    expect(body).toMatchObject({ mfa: { enabled: false } });
    expect(String(body['uri'])).toMatch(/^otpauth:\/\/totp\/Mixillo/);
    const login = await world.post('/api/auth/login', { email, password });
    expect(login.body).toHaveProperty('token');
  });

  test('changes nothing without the password or a code', async () => {
    const bob = await world.person('bob');
    await withAuthenticator(world, bob);

    const answers = [
      await bob.put('/api/auth/mfa', { action: 'disable' }),
      await bob.put('/api/auth/mfa', { action: 'disable', password: 'not-my-password' }),
      await bob.put('/api/auth/mfa', { action: 'regenerate', code: '000000' }),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 'confirmation_failed' });
    }
    await challengeOf(world, bob);
  });

  test('refuses a second enrolment while one is in use', async () => {
    const carol = await world.person('carol');
    await withAuthenticator(world, carol);

    const { status, body } = await carol.put('/api/auth/mfa', {
      action: 'enroll',
      password: carol.password,
    });

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'mfa_already_enabled' });
  });

  test('makes new recovery codes, which void the old ones', async () => {
    const dave = await world.person('dave');
    const { recoveryCodes } = await withAuthenticator(world, dave);

    const { body } = await dave.put('/api/auth/mfa', {
      action: 'regenerate',
      password: dave.password,
    });

    const fresh = body as unknown as { readonly recoveryCodes: readonly string[] };
    expect(new Set([...fresh.recoveryCodes, ...recoveryCodes]).size).toBe(20);
    const challenge = await challengeOf(world, dave);
    const answer = (code = '') => world.post('/api/auth/mfa/challenge', { challenge, code });
    expect((await answer(recoveryCodes[0])).status).toBe(401);
    expect((await answer(fresh.recoveryCodes[0])).status).toBe(200);
  });

  test('is taken away with a code, after which the password suffices', async () => {
    const erin = await world.person('erin');
    const { freshCode } = await withAuthenticator(world, erin);

    const { status } = await erin.put('/api/auth/mfa', { action: 'disable', code: freshCode() });

    expect(status).toBe(200);
    const { email, password } = erin;
    const login = await world.post('/api/auth/login', { email, password });
    expect(login.body).toHaveProperty('token');
  });
});
