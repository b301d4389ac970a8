import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Followers } from '#domain/users/follower.model.ts';
import { Followings } from '#domain/users/following.model.ts';
import { toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

const follow = (follower: Person, followee: Person) =>
  follower.post(`/api/users/${followee.id}/follow`);
const unfollow = (follower: Person, followee: Person) =>
  follower.delete(`/api/users/${followee.id}/unfollow`);
const relate = (person: Person, other: Person, action: string) =>
  person.put(`/api/users/${other.id}/relation`, { action });

async function countsOf(person: Person) {
  const { body } = await person.get('/api/users/me');
  return (body as unknown as { user: { counts: Record<string, number> } }).user.counts;
}

/** Edges, mirror edges and the counter of a person's followers: the three must be one number. */
async function followersOf(person: Person): Promise<number[]> {
  const owner = toId<'user'>(person.id);
  const edges = await Followings.countDocuments({ followee: owner, status: 'accepted' });
  const mirrored = await Followers.countDocuments({ owner });
  const { followers } = await countsOf(person);
  return [edges, mirrored, followers ?? -1];
}

describe('usersFollow', () => {
  test('makes a follower once, however often it is asked', async () => {
    const alice = await world.person('alice');
    const bob = await world.person('bob');

    const answers = await Promise.all(Array.from({ length: 5 }, () => follow(alice, bob)));

    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ following: true, status: 'accepted', followerCount: 1 });
    }
    expect(await followersOf(bob)).toEqual([1, 1, 1]);
    expect((await countsOf(alice))['following']).toBe(1);
    const events = await OutboxEvents.find({ type: 'follow.created' }).lean();
    const ours = events.filter(({ payload }) => payload.data['followeeId'] === bob.id);
    expect(ours).toHaveLength(1);
  });

  test('keeps the counter equal to the edges under 20 follows and unfollows at once', async () => {
    const star = await world.person('star');
    const fans = await Promise.all([1, 2, 3, 4, 5].map((fan) => world.person(`fan${fan}`)));

    const answers = await Promise.all(
      fans.flatMap((fan) => [
        follow(fan, star),
        unfollow(fan, star),
        follow(fan, star),
        unfollow(fan, star),
      ]),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [edges, mirrored, counted] = await followersOf(star);
    expect([mirrored, counted]).toEqual([edges, edges]);
  });

  test('counts every one of eight who follow at the same moment', async () => {
    const star = await world.person('idol');
    const fans = await Promise.all(
      Array.from({ length: 8 }, (_, fan) => world.person(`admirer${fan}`)),
    );

    const answers = await Promise.all(fans.map((fan) => follow(fan, star)));

    expect(answers.map(({ status }) => status)).toEqual(fans.map(() => 200));
    expect(await followersOf(star)).toEqual([8, 8, 8]);
  });

  test('refuses to follow oneself, and hides who blocked the caller', async () => {
    const carol = await world.person('carol');
    const dave = await world.person('dave');
    await follow(carol, dave);
    await follow(dave, carol);

    await relate(dave, carol, 'block');

    expect((await follow(carol, carol)).status).toBe(400);
    expect((await follow(carol, dave)).status).toBe(404);
    expect((await follow(dave, carol)).status).toBe(404);
    expect(await followersOf(dave)).toEqual([0, 0, 0]);
    expect(await followersOf(carol)).toEqual([0, 0, 0]);
    await relate(dave, carol, 'unblock');
    expect((await follow(carol, dave)).status).toBe(200);
  });

  test('asks a private account, which counts a follower once it has accepted', async () => {
    const erin = await world.person('erin');
    const frank = await world.person('frank');
    await erin.put('/api/users/me', { isPrivate: true });

    const asked = await follow(frank, erin);

    expect(asked.body).toMatchObject({ following: true, status: 'pending', followerCount: 0 });
    expect(await followersOf(erin)).toEqual([0, 0, 0]);
    const accepted = await Promise.all([
      relate(erin, frank, 'accept'),
      relate(erin, frank, 'accept'),
    ]);
    expect(accepted.map(({ status }) => status)).toEqual([200, 200]);
    expect(await followersOf(erin)).toEqual([1, 1, 1]);
    expect((await relate(frank, erin, 'accept')).status).toBe(404);
  });

  test('tells the followed one, and the follower who was let in', async () => {
    const gina = await world.person('gina');
    const hugo = await world.person('hugo');
    await gina.put('/api/users/me', { isPrivate: true });
    await follow(hugo, gina);
    await relate(gina, hugo, 'accept');

    const requests = await OutboxEvents.find({ type: 'notify.requested' }).lean();

    const told = requests.map(({ payload: { data } }) => [data['userId'], data['notification']]);
    expect(told).toContainEqual([gina.id, 'follow_request']);
    expect(told).toContainEqual([hugo.id, 'follow_accepted']);
  });
});
