import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Contents } from '#domain/content/content.model.ts';
import { hours } from '#platform/clock.ts';
import { aContent } from '../../support/contents.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
beforeAll(async () => {
  world = await startWorld();
  // A window has just begun, so that no test meets its end by chance.
  world.advance(hours(1) - (world.now().getTime() % hours(1)));
  alice = await world.person('alice');
});
afterAll(() => world.stop());

describe('contentView', () => {
  test('counts each viewer once in a window, signed in or not', async () => {
    const bob = await world.person('bob');
    const path = `/api/content/${await aContent(alice)}/view`;

    const phone = { headers: { 'user-agent': 'phone' } };
    const tablet = { headers: { 'user-agent': 'tablet' } };

    expect((await bob.post(path, { watchMs: 5000 })).body).toEqual({ views: 1 });
    expect((await bob.post(path, { watchMs: 6000 })).body).toEqual({ views: 1 });
    expect((await world.post(path, undefined, phone)).body).toEqual({ views: 2 });
    expect((await world.post(path, { completed: true }, phone)).body).toEqual({ views: 2 });
    expect((await world.post(path, {}, tablet)).body).toEqual({ views: 3 });
  });

  test('does not count what was scrolled past, unless it was seen to its end', async () => {
    const bob = await world.person('bob');
    const path = `/api/content/${await aContent(alice)}/view`;

    expect((await bob.post(path, { watchMs: 400 })).body).toEqual({ views: 0 });
    expect((await bob.post(path, { watchMs: 400, completed: true })).body).toEqual({ views: 1 });
  });

  test('counts five simultaneous views of one viewer once, and folds them once', async () => {
    const bob = await world.person('bob');
    const id = await aContent(alice);

    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => bob.post(`/api/content/${id}/view`, { watchMs: 9000 })),
    );
    await world.settle();

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await Contents.findById(id).lean())?.counts.views).toBe(1);
    const said = await world.realtime(`content:${id}`);
    expect(said).toMatchObject([{ name: 'video:view', data: { contentId: id, viewCount: 1 } }]);
  });

  test('knows no content that the viewer may not see', async () => {
    const id = await aContent(alice, { visibility: 'followers' });

    expect((await world.post(`/api/content/${id}/view`)).status).toBe(404);
  });

  test('counts the same viewer again when the window is over', async () => {
    const path = `/api/content/${await aContent(alice)}/view`;
    await world.post(path);

    world.advance(hours(1));

    expect((await world.post(path)).body).toEqual({ views: 2 });
  });
});
