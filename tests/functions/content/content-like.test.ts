import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Contents } from '#domain/content/content.model.ts';
import { Likes } from '#domain/content/like.model.ts';
import type { Answer } from '../../support/caller.ts';
import { aContent } from '../../support/contents.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
});
afterAll(() => world.stop());

/** As a client taps that is told to come back in a moment. */
const patiently = async (tap: () => Promise<Answer>): Promise<Answer> => {
  const deadline = Date.now() + 200_000;
  for (;;) {
    const answer = await tap();
    if (answer.status !== 503 || Date.now() > deadline) return answer;
  }
};

describe('contentLike and contentUnlike', () => {
  test('count each person once, however often they tap', async () => {
    const bob = await world.person('bob');
    const id = await aContent(alice);
    const path = `/api/content/${id}/like`;

    const taps = await Promise.all([1, 2, 3, 4, 5].map(() => bob.post(path)));
    const once = await bob.post(path);

    expect(taps.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(once.body).toEqual({ liked: true, likeCount: 1 });
    expect((await bob.delete(path)).body).toEqual({ liked: false, likeCount: 0 });
    expect((await bob.delete(path)).body).toEqual({ liked: false, likeCount: 0 });
    expect((await bob.post(path)).body).toEqual({ liked: true, likeCount: 1 });
  });

  test('show the true number before and after the edges are folded', async () => {
    const [bob, carl] = [await world.person('bob'), await world.person('carl')];
    const id = await aContent(alice);
    const shown = async () => (await bob.get(`/api/content/${id}`)).body['content'];

    await bob.post(`/api/content/${id}/like`);
    expect(await shown()).toMatchObject({ likeCount: 1, liked: true });
    await world.settle();
    expect(await shown()).toMatchObject({ likeCount: 1, liked: true });
    await carl.post(`/api/content/${id}/like`);
    await bob.delete(`/api/content/${id}/like`);
    expect(await shown()).toMatchObject({ likeCount: 1, liked: false });
    await world.settle();
    expect(await shown()).toMatchObject({ likeCount: 1, liked: false });

    const stored = await Contents.findById(id).lean();
    expect(stored?.counts.likes).toBe(1);
    const { body } = await world.get(`/api/users/${alice.id}`);
    expect(body['user']?.['counts']?.['likes']).toBeGreaterThanOrEqual(1);
  });

  test('tell the creator of several people in one line, and never of themselves', async () => {
    const creator = await world.person('creator');
    const [bob, carl] = [await world.person('bob'), await world.person('carl')];
    const id = await aContent(creator);

    await creator.post(`/api/content/${id}/like`);
    await bob.post(`/api/content/${id}/like`);
    await world.settle();
    await carl.post(`/api/content/${id}/like`);
    await world.settle();

    const { body } = await creator.get('/api/notifications');
    expect(body['unread']).toBe(1);
    expect(body['notifications']).toMatchObject([
      {
        type: 'like',
        actorCount: 2,
        unread: true,
        subject: { type: 'content', id },
        actors: [{ username: carl.username }, { username: bob.username }],
      },
    ]);
    const heard = await world.realtime(`user:${creator.id}`);
    expect(heard.map(({ name }) => name)).toEqual(['notification', 'notification']);
  });

  test('know no content that the liker may not see', async () => {
    const bob = await world.person('bob');
    const id = await aContent(alice, { visibility: 'private' });

    expect((await bob.post(`/api/content/${id}/like`)).status).toBe(404);
    expect((await bob.delete(`/api/content/${id}/like`)).status).toBe(404);
  });

  test('end with the counter equal to the edges after 200 parallel taps of 50 people', async () => {
    const people: Person[] = [];
    for (let some = 0; some < 10; some += 1)
      people.push(...(await Promise.all([1, 2, 3, 4, 5].map(() => world.person('fan')))));
    const id = await aContent(alice);
    const path = `/api/content/${id}/like`;
    const began = Date.now();

    const answers = await Promise.all(
      people.flatMap((fan, index) => [
        patiently(() => fan.post(path)),
        patiently(() => fan.delete(path)),
        patiently(() => fan.post(path)),
        patiently(() => (index % 2 === 0 ? fan.delete(path) : fan.post(path))),
      ]),
    );
    await world.settle();
    const tookMs = Date.now() - began;

    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const edges = await Likes.countDocuments({ 'target.id': id as never, liked: true });
    const stored = await Contents.findById(id).lean();
    expect(stored?.counts.likes).toBe(edges);
    expect(await Likes.countDocuments({ 'target.id': id as never, pending: true })).toBe(0);
    expect((await world.get(`/api/content/${id}`)).body['content']?.['likeCount']).toBe(edges);

    const said = (await world.realtime(`content:${id}`)).filter(
      ({ name }) => name === 'content:like',
    );
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThanOrEqual(Math.floor(tookMs / 2000) + 1);
    expect(said.at(-1)?.data['likeCount']).toBe(edges);
  }, 300_000);
});
