import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aContent } from '../../support/contents.ts';
import type { Person } from '../../support/people.ts';
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

describe('contentComment and contentComments', () => {
  test('keep threads, count them and tell each person once', async () => {
    const id = await aContent(alice);
    const path = `/api/content/${id}/comment`;

    const first = await bob.post(path, { text: '  What a loaf!\u0007 ' });
    const commentId = first.body['comment']?.['id'];
    const answer = await alice.post(path, { text: `Thanks @${bob.username}`, parentId: commentId });
    const deeper = await bob.post(path, {
      text: 'Welcome',
      parentId: answer.body['comment']?.['id'],
    });
    await world.settle();

    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      comment: { text: 'What a loaf!', parentId: null, author: { id: bob.id } },
      commentCount: 1,
    });
    expect(deeper.body).toMatchObject({ comment: { parentId: commentId }, commentCount: 3 });

    const threads = await world.get(`/api/content/${id}/comments`);
    expect(threads.body).toMatchObject({
      comments: [{ id: commentId, replyCount: 2 }],
      pagination: { total: 1 },
    });
    const replies = await world.get(`/api/content/${id}/comments?parent=${commentId}`);
    expect(replies.body['comments']?.map((comment) => comment['text'])).toEqual([
      `Thanks @${bob.username}`,
      'Welcome',
    ]);
    const told = await bob.get('/api/notifications');
    expect(told.body['notifications']?.map((item) => item['type'])).toEqual(['reply']);

    const said = await world.realtime(`content:${id}`);
    expect(said.at(-1)).toMatchObject({
      name: 'content:comment',
      data: { commentCount: 3, change: 'created' },
    });
    expect(JSON.stringify(said)).not.toContain('Welcome');
  });

  test('are written once for one tap that is sent again', async () => {
    const id = await aContent(alice);
    const send = () =>
      bob.post(`/api/content/${id}/comment`, { text: 'Once' }, { key: `tap-${id}` });

    const [one, again] = [await send(), await send()];

    expect(again.body['comment']?.['id']).toBe(one.body['comment']?.['id']);
    expect((await world.get(`/api/content/${id}`)).body['content']?.['commentCount']).toBe(1);
  });

  test('are refused where the creator closed them, and to parents of other contents', async () => {
    const closed = await aContent(alice, {
      allow: { comments: false, duet: true, download: true },
    });
    const [one, other] = [await aContent(alice), await aContent(alice)];
    const { body } = await bob.post(`/api/content/${one}/comment`, { text: 'Here' });
    const parentId = body['comment']?.['id'];

    const refused = await bob.post(`/api/content/${closed}/comment`, { text: 'Hello' });
    const stray = await bob.post(`/api/content/${other}/comment`, { text: 'There', parentId });

    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'comments_closed' });
    expect(stray.status).toBe(404);
  });

  test('are not to be found under what the reader may not see', async () => {
    const id = await aContent(alice, { visibility: 'private' });

    expect((await bob.get(`/api/content/${id}/comments`)).status).toBe(404);
    expect((await bob.post(`/api/content/${id}/comment`, { text: 'Hi' })).status).toBe(404);
  });
});
