import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, seconds } from '#platform/clock.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

const signInAgain = async ({ email, password }: Person): Promise<string> =>
  String((await world.post('/api/auth/login', { email, password })).body['token']);

describe('usersUpdateMe', () => {
  test('changes what was given and leaves the rest', async () => {
    const alice = await world.person('alice');
    await alice.put('/api/users/me', { bio: 'Likes rain.\nAnd snow.' });

    const { status, body } = await alice.put('/api/users/me', {
      displayName: '  Alice \u202e\u0000 <b>Lidd\tell</b> ',
      links: ['https://example.com/alice'],
      isPrivate: true,
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: {
        displayName: 'Alice <b>Lidd ell</b>',
        bio: 'Likes rain.\nAnd snow.',
        links: ['https://example.com/alice'],
        isPrivate: true,
      },
    });
    const shown = await world.get(`/api/users/@${alice.username}`);
    expect(shown.body).toMatchObject({ user: { displayName: 'Alice <b>Lidd ell</b>' } });
  });

  test.each([
    ['role', 'admin'],
    ['status', 'active'],
    ['balance', 1_000_000],
    ['emailVerifiedAt', '2026-01-01T00:00:00Z'],
    ['counts', { followers: 1_000_000 }],
    ['badge', 'verified'],
    ['links', ['javascript:alert(1)']],
    ['bio', { $set: 'x' }],
    ['username', '$where'],
  ])('refuses %s', async (field, value) => {
    const bob = await world.person('bob');

    const { status, body } = await bob.put('/api/users/me', { [field]: value });

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'Validation failed' });
  });

  test('changes the username once in 30 days, everywhere it is shown', async () => {
    const carol = await world.person('carol');
    const username = `${carol.username.slice(0, 20)}.new`;

    const renamed = await carol.put('/api/users/me', { username });
    const again = await carol.put('/api/users/me', { username: `${username}er` });
    const capitals = await carol.put('/api/users/me', { username: username.toUpperCase() });

    expect([renamed.status, again.status, capitals.status]).toEqual([200, 409, 200]);
    expect(again.body).toMatchObject({ code: 'username_too_soon' });
    expect((await world.get(`/api/users/@${carol.username}`)).status).toBe(404);
    expect((await world.get(`/api/users/@${username}`)).body).toMatchObject({
      user: { id: carol.id, username: username.toUpperCase() },
    });
    world.advance(days(30) + seconds(1));
    const token = await signInAgain(carol);
    const later = await carol.put('/api/users/me', { username: `${username}er` }, { token });
    expect(later.status).toBe(200);
  });

  test('gives a name to one of several who want it at the same moment', async () => {
    const people = await Promise.all(['d1', 'd2', 'd3'].map((name) => world.person(name)));
    const username = `wanted_${people[0]?.id.slice(-6)}`;

    const answers = await Promise.all(
      people.map((person) => person.put('/api/users/me', { username })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    for (const { body } of answers.filter(({ status }) => status === 400))
      expect(body).toMatchObject({ error: 'Duplicate entry', field: 'username' });
  });

  test('refuses a picture that is not the caller’s own', async () => {
    const erin = await world.person('erin');

    const { status } = await erin.put('/api/users/me', { avatarAssetId: 'a'.repeat(24) });

    expect(status).toBe(404);
  });
});
