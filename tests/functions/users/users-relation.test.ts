import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followersPage } from '#domain/users/relations.ts';
import { settingsOf } from '#domain/users/users.ts';
import { toId } from '#platform/id.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

const relate = (person: Person, other: Person, action: string) =>
  person.put(`/api/users/${other.id}/relation`, { action });

describe('usersRelation', () => {
  test('blocks once, however many ask at the same moment', async () => {
    const alice = await world.person('alice');
    const bob = await world.person('bob');
    await follows(bob, alice);

    const answers = await Promise.all([1, 2, 3].map(() => relate(alice, bob, 'block')));

    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ relation: { blocked: true, followedBy: false } });
    }
    const { body } = await relate(alice, bob, 'unblock');
    expect(body).toMatchObject({ relation: { blocked: false, followedBy: false } });
  });

  test('removes a follower without blocking them', async () => {
    const carol = await world.person('carol');
    const dave = await world.person('dave');
    await follows(dave, carol);

    const { body } = await relate(carol, dave, 'remove');

    expect(body).toMatchObject({ relation: { followedBy: false, blocked: false } });
    expect((await carol.get(`/api/users/${carol.id}`)).body).toMatchObject({
      user: { counts: { followers: 0 } },
    });
  });

  test('rings the bell for who follows, and for nobody else', async () => {
    const erin = await world.person('erin');
    const frank = await world.person('frank');
    expect((await relate(frank, erin, 'bell_on')).status).toBe(404);
    await follows(frank, erin);

    await relate(frank, erin, 'bell_on');

    const { followers } = await followersPage(toId(erin.id), undefined, 'bell');
    expect(followers.map(String)).toEqual([frank.id]);
    await relate(frank, erin, 'bell_off');
    expect((await followersPage(toId(erin.id), undefined, 'bell')).followers).toEqual([]);
  });

  test('mutes a person for the one who asks only', async () => {
    const gina = await world.person('gina');
    const hugo = await world.person('hugo');

    await Promise.all([relate(gina, hugo, 'mute'), relate(gina, hugo, 'mute')]);

    expect((await settingsOf(toId(gina.id))).mutedUsers.map(String)).toEqual([hugo.id]);
    expect((await settingsOf(toId(hugo.id))).mutedUsers).toEqual([]);
    await relate(gina, hugo, 'unmute');
    expect((await settingsOf(toId(gina.id))).mutedUsers).toEqual([]);
  });
});
