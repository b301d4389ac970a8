import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeStatus } from '#domain/users/accounts.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { follows } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

describe('usersGet', () => {
  test('shows the public side of a person by id and by @username', async () => {
    const alice = await world.person('alice');

    const byId = await world.get(`/api/users/${alice.id}`);
    const byName = await world.get(`/api/users/@${alice.username.toUpperCase()}`);

    expect(byId.status).toBe(200);
    expect(byName.body['user']).toEqual(byId.body['user']);
    expect(Object.keys(byId.body['user'] as object).sort()).toEqual([
      'avatar',
      'badge',
      'bio',
      'counts',
      'displayName',
      'id',
      'isPrivate',
      'joinedAt',
      'links',
      'relation',
      'username',
    ]);
  });

  test('tells a signed-in viewer how they stand to that person', async () => {
    const bob = await world.person('bob');
    const carol = await world.person('carol');
    await follows(bob, carol);
    await follows(carol, bob);

    const seen = await bob.get(`/api/users/${carol.id}`);
    const own = await bob.get(`/api/users/${bob.id}`);
    const signedOut = await world.get(`/api/users/${carol.id}`);

    const friends = { self: false, follows: true, followedBy: true, friends: true };
    expect(seen.body).toMatchObject({ user: { relation: friends, counts: { followers: 1 } } });
    expect(own.body).toMatchObject({ user: { relation: { self: true, follows: false } } });
    expect(signedOut.body).toMatchObject({ user: { relation: null } });
  });

  test('hides people from each other when one has blocked the other', async () => {
    const dave = await world.person('dave');
    const erin = await world.person('erin');

    await dave.put(`/api/users/${erin.id}/relation`, { action: 'block' });

    expect((await erin.get(`/api/users/${dave.id}`)).status).toBe(404);
    expect((await erin.get(`/api/users/@${dave.username}`)).status).toBe(404);
    expect((await dave.get(`/api/users/${erin.id}`)).status).toBe(404);
    expect((await world.get(`/api/users/${dave.id}`)).status).toBe(200);
  });

  test.each(['banned', 'deactivated'] as const)('hides a %s account', async (status) => {
    const frank = await world.person(`frank_${status}`);

    await transaction(() => changeStatus(toId(frank.id), { status }, { now: world.now() }));

    expect((await world.get(`/api/users/${frank.id}`)).status).toBe(404);
    expect((await world.get(`/api/users/@${frank.username}`)).status).toBe(404);
  });
});
