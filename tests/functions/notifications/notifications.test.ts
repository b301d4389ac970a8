import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aContent } from '../../support/contents.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('notificationsList and notificationsRead', () => {
  test('show the own inbox, and tell every device what was read', async () => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')];
    const [one, other] = [await aContent(alice), await aContent(alice)];
    await bob.post(`/api/content/${one}/like`);
    await bob.post(`/api/content/${other}/comment`, { text: 'Hello' });
    await world.settle();

    const inbox = await alice.get('/api/notifications');
    expect(inbox.body['unread']).toBe(2);
    const types = inbox.body['notifications']?.map((item) => String(item['type']));
    expect(types?.sort()).toEqual(['comment', 'like']);
    expect((await bob.get('/api/notifications')).body['notifications']).toEqual([]);

    const ids = inbox.body['notifications']?.map((item) => item['id']);
    expect((await bob.post('/api/notifications/read', { ids })).status).toBe(200);
    expect((await alice.get('/api/notifications')).body['unread']).toBe(2);
    expect((await alice.post('/api/notifications/read', { type: 'like' })).body).toEqual({
      unread: 1,
    });
    expect((await alice.post('/api/notifications/read', { all: true })).body).toEqual({
      unread: 0,
    });
    await world.settle();

    const heard = (await world.realtime(`user:${alice.id}`)).map(({ name }) => name);
    expect(heard.filter((name) => name === 'notification')).toHaveLength(2);
    expect(heard.filter((name) => name === 'notification:read')).toHaveLength(2);
  });

  test('begin a new line when the old one was read', async () => {
    const alice = await world.person('alice');
    const [bob, carl] = [await world.person('bob'), await world.person('carl')];
    const id = await aContent(alice);
    await bob.post(`/api/content/${id}/like`);
    await world.settle();
    await alice.post('/api/notifications/read', { all: true });

    await carl.post(`/api/content/${id}/like`);
    await world.settle();

    const { body } = await alice.get('/api/notifications');
    expect(body['notifications']).toMatchObject([
      { unread: true, actorCount: 1, actors: [{ username: carl.username }] },
      { unread: false, actorCount: 1, actors: [{ username: bob.username }] },
    ]);
  });

  test('leave out what is about something that was taken away', async () => {
    const [alice, named] = [await world.person('alice'), await world.person('named')];
    const id = await aContent(alice, { caption: `@${named.username}`, visibility: 'private' });
    await world.settle();

    expect((await named.get('/api/notifications')).body['notifications']).toEqual([]);
    expect((await alice.get(`/api/content/${id}`)).status).toBe(200);
  });
});
