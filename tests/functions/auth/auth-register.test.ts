import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const account = (username: string, more: object = {}) => ({
  username,
  email: `${username.toLowerCase()}@example.com`,
  password: 'Password123!',
  ...more,
});
const register = (body: object, key?: string) =>
  world.post('/api/auth/register', body, key === undefined ? {} : { key });

describe('authRegister', () => {
  test('opens an account with a profile and a wallet, and signs its owner in', async () => {
    const { status, body } = await register({
      username: 'testuser',
      email: 'Test@Example.com',
      password: 'Password123!',
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      user: { username: 'testuser', email: 'test@example.com', role: 'user', emailVerified: false },
      expiresIn: 3600,
    });
    const token = String(body['token']);
    const me = await world.get('/api/users/me', { token });
    expect(me.body['user']).toEqual(body['user']);
    const wallet = await world.get('/api/wallet/balance', { token });
    expect(wallet.body).toMatchObject({ balance: 0 });
    expect(JSON.stringify(body)).not.toMatch(/\$2[aby]\$|tokenVersion/);
  });

  test('gives a name to one of many who ask at the same moment', async () => {
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((letter) =>
        register(account('Racer', { email: `racer-${letter}@example.com` })),
      ),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    for (const { body } of answers.filter(({ status }) => status === 400))
      expect(body).toMatchObject({
        error: 'Duplicate entry',
        code: 'duplicate_entry',
        field: 'username',
      });
  });

  test('refuses an address that is taken, whatever its capitals', async () => {
    await register(account('first_owner', { email: 'shared@example.com' }));

    const { status, body } = await register(
      account('second_owner', { email: 'SHARED@example.com' }),
    );

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'Duplicate entry', field: 'email' });
  });

  test('answers a repeat with the same key as the first time, and opens one account', async () => {
    const [one, two] = await Promise.all([
      register(account('repeater'), 'key-1'),
      register(account('repeater'), 'key-1'),
    ]);
    const later = await register(account('repeater'), 'key-1');

    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
    expect(later.body).toEqual(one.body);
  });

  test.each([
    ['a reserved name', { username: 'Admin' }, 'username'],
    ['a name with a space', { username: 'two words' }, 'username'],
    ['a password that bcrypt would cut', { password: 'ä'.repeat(37) }, 'password'],
    ['somebody too young', { birthDate: '2020-01-01' }, 'birthDate'],
    ['a role', { role: 'admin' }, undefined],
  ])('refuses %s', async (_, more, field) => {
    const { status, body } = await register(account('refused_one', more));

    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: 'Validation failed',
      ...(field !== undefined && { field }),
    });
  });
});
