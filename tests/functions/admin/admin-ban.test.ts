import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days } from '#platform/clock.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let auditor: Person;

beforeAll(async () => {
  world = await startWorld();
  staff = await staffMember(world, ['users.ban']);
  auditor = await staffMember(world, ['audit.read']);
});
afterAll(() => world.stop());

const ban = (user: Person, body: object) => staff.put(`/api/admin/users/${user.id}/ban`, body);
const trailOf = async (user: Person) =>
  (await auditor.get(`/api/admin/actions?target=${user.id}`)).body['actions'];

describe('adminBan', () => {
  test('shuts a person out at once, tells their devices, and is in the audit trail', async () => {
    const cheat = await world.person('cheat');

    const { status, body } = await ban(cheat, { reason: 'sells stolen goods' });
    await world.settle();

    expect([status, body['user']?.['status']]).toEqual([200, 'banned']);
    expect((await cheat.get('/api/users/me')).body['code']).toBe('account_restricted');
    const login = await world.post('/api/auth/login', {
      email: cheat.email,
      password: cheat.password,
    });
    expect([login.status, login.body['code']]).toEqual([403, 'account_restricted']);
    expect((await world.get(`/api/users/${cheat.id}`)).status).toBe(404);
    expect((await world.realtime(`user:${cheat.id}`)).map(({ name }) => name)).toContain(
      'session:revoked',
    );
    expect(await trailOf(cheat)).toMatchObject([
      {
        actor: staff.id,
        action: 'users.ban',
        reason: 'sells stolen goods',
        before: { status: 'active' },
        after: { status: 'banned' },
      },
    ]);
  });

  test('is lifted by the same endpoint, after which the person signs in anew', async () => {
    const person = await world.person('sorry');
    await ban(person, { reason: 'spam' });

    const { body } = await ban(person, { banned: false, reason: 'a mistake of ours' });
    await world.settle();
    const login = await world.post('/api/auth/login', {
      email: person.email,
      password: person.password,
    });

    expect(body['user']?.['status']).toBe('active');
    expect((await person.get('/api/users/me')).status).toBe(401);
    expect(login.status).toBe(200);
    expect(await trailOf(person)).toHaveLength(2);
  });

  test('with an end suspends, and ends by itself', async () => {
    const person = await world.person('hothead');
    const until = new Date(world.now().getTime() + days(1)).toISOString();
    const login = () =>
      world.post('/api/auth/login', { email: person.email, password: person.password });

    const { body } = await ban(person, { reason: 'insults', until });
    const during = await login();
    world.advance(days(1) + 1000);

    expect(body['user']).toMatchObject({ status: 'suspended', suspendedUntil: until });
    expect([during.status, during.body['until']]).toEqual([403, until]);
    expect((await login()).status).toBe(200);
  });

  test('refuses what is so already, staff, oneself and nobody', async () => {
    const signedIn = await staffAgain();
    const person = await world.person('twice');
    await signedIn.put(`/api/admin/users/${person.id}/ban`, { reason: 'spam' });

    const again = await signedIn.put(`/api/admin/users/${person.id}/ban`, { reason: 'spam' });
    const colleague = await signedIn.put(`/api/admin/users/${auditor.id}/ban`, { reason: 'x' });
    const myself = await signedIn.put(`/api/admin/users/${signedIn.id}/ban`, { reason: 'x' });
    const nobody = await signedIn.put(`/api/admin/users/${'f'.repeat(24)}/ban`, { reason: 'x' });

    expect([again.status, again.body['current']]).toEqual([409, 'banned']);
    expect([colleague.body['code'], myself.body['code']]).toEqual([
      'staff_account',
      'staff_account',
    ]);
    expect(nobody.status).toBe(404);
  });
});

/** The clock has moved past the first token. */
const staffAgain = () => staffMember(world, ['users.ban']);
