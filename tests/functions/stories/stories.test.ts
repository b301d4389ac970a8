import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stories } from '#domain/stories/story.model.ts';
import { hours, minutes } from '#platform/clock.ts';
import { anAsset, assetBecomes } from '../../support/contents.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
  bob = await world.person('bob');
  await follows(bob, alice);
});
afterAll(() => world.stop());

const story = { purpose: 'story' } as const;
const tray = async (reader: Person) =>
  ((await reader.get('/api/stories')).body['rings'] ?? []).flatMap((ring) =>
    (ring['stories'] ?? []).map((one) => String(one['id'])),
  );
describe('stories', () => {
  test('are in the tray of followers, unseen until they are seen', async () => {
    const stranger = await world.person('stranger');
    const created = await alice.post('/api/stories', { assetId: await anAsset(alice, story) });
    const id = String(created.body['story']?.['id']);

    expect(created.status).toBe(201);
    expect(created.body['story']).toMatchObject({ status: 'live' });
    expect((await bob.get('/api/stories')).body['rings']).toMatchObject([
      { user: { id: alice.id }, unseen: true, stories: [{ id, seen: false }] },
    ]);
    expect(await tray(stranger)).toEqual([]);
    expect((await stranger.post(`/api/stories/${id}/view`)).status).toBe(404);

    const seen = await Promise.all([1, 2, 3].map(() => bob.post(`/api/stories/${id}/view`)));

    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await bob.get('/api/stories')).body['rings']).toMatchObject([{ unseen: false }]);
    const viewers = await alice.get(`/api/stories/${id}/viewers`);
    expect(viewers.body['viewers']).toMatchObject([{ user: { id: bob.id } }]);
    expect((await bob.get(`/api/stories/${id}/viewers`)).status).toBe(404);
  });

  test('begin their day when their file is ready', async () => {
    const assetId = await anAsset(alice, { ...story, status: 'processing' });
    const { body } = await alice.post('/api/stories', { assetId });
    const id = String(body['story']?.['id']);
    expect(body['story']?.['status']).toBe('processing');
    expect(await tray(bob)).not.toContain(id);
    world.advance(minutes(10));

    await assetBecomes(assetId, 'ready');
    await world.settle();

    expect(await tray(bob)).toContain(id);
    const { publishedAt, expiresAt } = (await Stories.findById(id).lean()) ?? {};
    expect(Number(expiresAt) - Number(publishedAt)).toBe(hours(24));
  });

  test('can be taken away by their author only, and at once', async () => {
    const { body } = await alice.post('/api/stories', { assetId: await anAsset(alice, story) });
    const id = String(body['story']?.['id']);

    expect((await bob.delete(`/api/stories/${id}`)).status).toBe(404);
    expect((await alice.delete(`/api/stories/${id}`)).status).toBe(200);
    expect(await tray(bob)).not.toContain(id);
    expect((await bob.post(`/api/stories/${id}/view`)).status).toBe(404);
    expect((await alice.delete(`/api/stories/${id}`)).status).toBe(404);
  });

  test('refuse files that are somebody else’s, meant for something else, or shown already', async () => {
    const own = await anAsset(alice, story);

    const stolen = await bob.post('/api/stories', { assetId: own });
    const video = await alice.post('/api/stories', { assetId: await anAsset(alice) });
    const first = await alice.post('/api/stories', { assetId: own }, { key: 'told' });
    const replay = await alice.post('/api/stories', { assetId: own }, { key: 'told' });
    const second = await alice.post('/api/stories', { assetId: own });

    expect([stolen.status, video.status, first.status, second.status]).toEqual([
      404, 409, 201, 409,
    ]);
    expect(replay.body).toEqual(first.body);
  });
});
