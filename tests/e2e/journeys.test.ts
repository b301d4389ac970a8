import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../support/caller.ts';
import { aContent } from '../support/contents.ts';
import { follows } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const said = ({ status, body }: Answer) => [status, body['code']];

describe('a session', () => {
  test('is refreshed, is ended for all when a spent token comes back, and ends for good at logout', async () => {
    const alice = await world.person('alice');
    const refresh = (refreshToken: string) => world.post('/api/auth/refresh', { refreshToken });
    const me = (token: string) => world.get('/api/users/me', { token });

    const second = await refresh(alice.refreshToken);
    expect(second.status).toBe(200);
    expect((await me(String(second.body['token']))).status).toBe(200);

    world.advance(60_000);
    expect((await refresh(alice.refreshToken)).status).toBe(401);
    expect((await refresh(String(second.body['refreshToken']))).status).toBe(401);
    expect((await me(String(second.body['token']))).status).toBe(401);

    const credentials = { email: alice.email, password: alice.password };
    const again = await world.post('/api/auth/login', credentials);
    const token = String(again.body['token']);
    const refreshToken = String(again.body['refreshToken']);
    expect((await me(token)).status).toBe(200);
    expect((await world.post('/api/auth/logout', { refreshToken }, { token })).status).toBe(200);

    expect((await me(token)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
  });
});

describe('a private account', () => {
  test('shows what it has to its followers, and to strangers not even that it is there', async () => {
    const [alice, friend, stranger] = [
      await world.person('alice'),
      await world.person('friend'),
      await world.person('stranger'),
    ];
    const id = await aContent(alice, { caption: 'For my friends only' });
    await aContent(alice, { caption: 'And one more' });
    await follows(friend, alice);
    await alice.put('/api/users/me', { isPrivate: true });
    await world.settle();

    const followed = await friend.get('/api/content/feed?mode=following&limit=1');
    expect(followed.body['pagination']).toMatchObject({ total: 2, pages: 2 });
    const comment = { text: 'A word among friends' };
    expect((await friend.get(`/api/content/${id}`)).status).toBe(200);
    expect((await friend.post(`/api/content/${id}/comment`, comment)).status).toBe(201);
    await world.settle();

    const hidden = [404, 'not_found'];
    expect(said(await stranger.get(`/api/content/${id}`))).toEqual(hidden);
    expect(said(await world.get(`/api/content/${id}`))).toEqual(hidden);
    expect(said(await stranger.get(`/api/content/${id}/comments`))).toEqual(hidden);
    expect(said(await stranger.post(`/api/content/${id}/like`))).toEqual(hidden);
    expect(said(await stranger.post(`/api/content/${id}/view`, {}))).toEqual(hidden);
    for (const viewer of [stranger, world]) {
      const { body } = await viewer.get('/api/content/feed?limit=100');
      expect(body['contents']?.map((content) => content['id'])).not.toContain(id);
    }
    const heard = JSON.stringify(await world.realtime(`content:${id}`));
    expect(heard).not.toContain('friends');
  });
});
