import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aContent } from '../../support/contents.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
  bob = await world.person('bob');
});
afterAll(() => world.stop());

const feedOf = async (reader: Pick<Person, 'get'>, query = 'limit=100'): Promise<string[]> => {
  const { status, body } = await reader.get(`/api/content/feed?${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body['contents'] ?? []).map((content) => String(content['id']));
};

describe('contentFeed', () => {
  test('shows what is public, latest first, with its creator', async () => {
    const older = await aContent(alice, { caption: 'older' });
    const newer = await aContent(alice, { caption: 'newer' });
    const hidden = await aContent(alice, { visibility: 'followers' });

    const { body } = await world.get('/api/content/feed');

    const ids = body['contents']?.map((content) => content['id']);
    expect(ids?.slice(0, 2)).toEqual([newer, older]);
    expect(ids).not.toContain(hidden);
    expect(body['contents']?.[0]).toMatchObject({
      caption: 'newer',
      creator: { id: alice.id, username: alice.username, avatar: null },
      viewCount: 0,
      likeCount: 0,
      commentCount: 0,
    });
    expect(body['contents']?.[0]?.['videoUrl']).toMatch(/video\.mp4$/);
    expect(body['pagination']).toMatchObject({ page: 1, limit: 20 });
  });

  test('meets every content exactly once by cursor while others are published', async () => {
    const before: string[] = [];
    for (let some = 0; some < 12; some += 1) before.push(await aContent(alice));

    const met: string[] = [];
    let cursor: unknown;
    do {
      const { body } = await world.get(
        `/api/content/feed?limit=3${cursor ? `&cursor=${cursor}` : ''}`,
      );
      met.push(...(body['contents'] ?? []).map((content) => String(content['id'])));
      cursor = body['nextCursor'];
      await aContent(bob);
    } while (cursor !== null && met.length < 200);

    expect(new Set(met).size).toBe(met.length);
    for (const id of before) expect(met).toContain(id);
  });

  test('goes on behind what a reader may not see, without losing or repeating anything', async () => {
    const noisy = await world.person('noisy');
    const first = await aContent(alice);
    for (let some = 0; some < 8; some += 1) await aContent(noisy);
    const last = await aContent(alice);
    const everything = await feedOf(bob);
    expect((await bob.put(`/api/users/${noisy.id}/relation`, { action: 'block' })).status).toBe(
      200,
    );

    const met: string[] = [];
    let cursor = '';
    do {
      const { body } = await bob.get(`/api/content/feed?limit=2${cursor}`);
      met.push(...(body['contents'] ?? []).map((content) => String(content['id'])));
      cursor = body['nextCursor'] ? `&cursor=${body['nextCursor']}` : '';
    } while (cursor);

    expect(new Set(met).size).toBe(met.length);
    expect(met).toContain(first);
    expect(met).toContain(last);
    expect(met.length).toBe(everything.length - 8);
  });

  test('follows whom the reader follows, with what is for followers', async () => {
    const reader = await world.person('reader');
    await follows(reader, alice);
    const forFollowers = await aContent(alice, { visibility: 'followers' });
    const forNobody = await aContent(alice, { visibility: 'private' });
    const others = await aContent(bob);

    const ids = await feedOf(reader, 'mode=following&limit=100');

    expect(ids[0]).toBe(forFollowers);
    expect(ids).not.toContain(forNobody);
    expect(ids).not.toContain(others);
  });

  test('refuses the cursor of another list', async () => {
    const { body } = await world.get('/api/content/feed?limit=1');
    const answer = await bob.get(`/api/content/feed?mode=following&cursor=${body['nextCursor']}`);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('a private account', () => {
  test('is seen by its followers and by nobody else, in every list', async () => {
    const shy = await world.person('shy');
    const friend = await world.person('friend');
    await follows(friend, shy);
    const id = await aContent(shy);
    expect((await shy.put('/api/users/me', { isPrivate: true })).status).toBe(200);
    await friend.post(`/api/content/${id}/like`);
    await friend.post(`/api/content/${id}/comment`, { text: 'A secret' });
    await world.settle();

    for (const stranger of [world, bob]) {
      expect((await stranger.get(`/api/content/${id}`)).status).toBe(404);
      expect((await stranger.get(`/api/content/${id}/comments`)).status).toBe(404);
      expect(await feedOf(stranger)).not.toContain(id);
    }
    expect((await friend.get(`/api/content/${id}`)).status).toBe(200);
    expect((await friend.get(`/api/content/${id}/comments`)).status).toBe(200);
    expect(await feedOf(friend, 'mode=following')).toContain(id);
    expect(await world.realtime(`content:${id}`)).toEqual([]);
  });
});
