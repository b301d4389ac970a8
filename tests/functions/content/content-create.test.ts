import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aContent, anAsset, assetBecomes } from '../../support/contents.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const contentCount = async (username: string): Promise<unknown> => {
  const { body } = await world.get(`/api/users/@${username}`);
  return body['user']?.['counts']?.['content'];
};

describe('contentCreate', () => {
  test('publishes at once what is ready, and counts it', async () => {
    const alice = await world.person('alice');

    const id = await aContent(alice, { caption: 'Fresh #Bread for @nobody_there #bread' });

    const { status, body } = await world.get(`/api/content/${id}`);
    expect(status).toBe(200);
    expect(body['content']).toMatchObject({
      id,
      status: 'published',
      caption: 'Fresh #Bread for @nobody_there #bread',
      hashtags: ['bread'],
      mentions: ['nobody_there'],
      creator: { id: alice.id, username: alice.username },
      captions: [],
      viewCount: 0,
      likeCount: 0,
      commentCount: 0,
    });
    expect(body['content']?.['videoUrl']).toMatch(/^http.*video\.mp4$/);
    expect(await contentCount(alice.username)).toBe(1);
  });

  test('keeps what is still processed for its creator, and publishes it when it is ready', async () => {
    const alice = await world.person('alice');
    const bob = await world.person('bob');
    const assetId = await anAsset(alice, { status: 'processing' });
    const { body } = await alice.post('/api/content', { assetId });
    const path = `/api/content/${body['content']?.['id']}`;
    expect(body['content']?.['status']).toBe('processing');
    await world.settle();

    expect((await alice.get(path)).body['content']?.['status']).toBe('processing');
    expect((await bob.get(path)).status).toBe(404);
    expect(await contentCount(alice.username)).toBe(0);

    await assetBecomes(assetId, 'ready');
    await assetBecomes(assetId, 'ready');
    await world.settle();

    expect((await bob.get(path)).body['content']?.['status']).toBe('published');
    expect(await contentCount(alice.username)).toBe(1);
  });

  test('tells the creator, and nobody else, of what could not be made', async () => {
    const alice = await world.person('alice');
    const assetId = await anAsset(alice, { status: 'processing' });
    const { body } = await alice.post('/api/content', { assetId });
    const path = `/api/content/${body['content']?.['id']}`;

    await assetBecomes(assetId, 'rejected');
    await world.settle();

    const own = await alice.get(path);
    expect(own.body['content']).toMatchObject({ status: 'rejected', failureCode: 'unreadable' });
    expect((await world.get(path)).status).toBe(404);
    expect(await contentCount(alice.username)).toBe(0);
  });

  test('publishes what failed once another attempt at its asset succeeds', async () => {
    const alice = await world.person('alice');
    const assetId = await anAsset(alice, { status: 'processing' });
    const { body } = await alice.post('/api/content', { assetId });
    await assetBecomes(assetId, 'failed');
    await world.settle();

    await assetBecomes(assetId, 'ready');
    await world.settle();

    const shown = await world.get(`/api/content/${body['content']?.['id']}`);
    expect(shown.body['content']?.['status']).toBe('published');
  });

  test('makes one content of one tap that is sent five times', async () => {
    const alice = await world.person('alice');
    const assetId = await anAsset(alice);

    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => alice.post('/api/content', { assetId }, { key: 'tap' })),
    );
    const replay = await alice.post('/api/content', { assetId }, { key: 'tap' });

    expect(replay.status).toBe(201);
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const ids = new Set([...made, replay].map(({ body }) => body['content']?.['id']));
    expect(ids.size).toBe(1);
    expect(await contentCount(alice.username)).toBe(1);
  });

  test('refuses the file of somebody else, and a file that is shown already', async () => {
    const alice = await world.person('alice');
    const mallory = await world.person('mallory');
    const assetId = await anAsset(alice);

    expect((await mallory.post('/api/content', { assetId })).status).toBe(404);
    expect((await alice.post('/api/content', { assetId })).status).toBe(201);
    expect((await alice.post('/api/content', { assetId })).status).toBe(409);
    expect((await mallory.post('/api/content', { assetId })).status).toBe(409);
  });

  test('tells followers who rang the bell and whom the caption names', async () => {
    const alice = await world.person('alice');
    const [named, fan, quiet] = [
      await world.person('named'),
      await world.person('fan'),
      await world.person('quiet'),
    ];
    await follows(fan, alice);
    await follows(quiet, alice);
    await fan.put(`/api/users/${alice.id}/relation`, { action: 'bell_on' });

    const id = await aContent(alice, { caption: `With @${named.username}` });
    await world.settle();

    const told = async (who: Person) =>
      (await who.get('/api/notifications')).body['notifications']?.map((item) => item['type']);
    expect(await told(named)).toEqual(['mention']);
    expect(await told(fan)).toEqual(['content_published']);
    expect(await told(quiet)).toEqual([]);
    const { body } = await fan.get('/api/notifications');
    expect(body['notifications']?.[0]?.['subject']).toEqual({ type: 'content', id });
  });
});

describe('contentUpdate and contentDelete', () => {
  test('change the caption with its tags, and hide from who may no longer see it', async () => {
    const alice = await world.person('alice');
    const id = await aContent(alice, { caption: 'Old #one' });

    const changed = await alice.put(`/api/content/${id}`, {
      caption: 'New #two',
      visibility: 'private',
    });

    expect(changed.status).toBe(200);
    expect(changed.body['content']).toMatchObject({ caption: 'New #two', hashtags: ['two'] });
    expect((await world.get(`/api/content/${id}`)).status).toBe(404);
    expect((await alice.get(`/api/content/${id}`)).status).toBe(200);
  });

  test('take a content away at once and for everybody', async () => {
    const alice = await world.person('alice');
    const mallory = await world.person('mallory');
    const id = await aContent(alice);
    expect((await mallory.delete(`/api/content/${id}`)).status).toBe(404);

    expect((await alice.delete(`/api/content/${id}`)).status).toBe(200);
    await world.settle();

    expect((await world.get(`/api/content/${id}`)).status).toBe(404);
    expect((await alice.get(`/api/content/${id}`)).status).toBe(404);
    expect((await alice.delete(`/api/content/${id}`)).status).toBe(404);
    expect(await contentCount(alice.username)).toBe(0);
    const said = await world.realtime(`content:${id}`);
    expect(said.map(({ name }) => name)).toEqual(['content:removed']);
  });
});
