import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { follows } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

describe('usersUnfollow', () => {
  test('takes a follow back once, however often it is asked', async () => {
    const ida = await world.person('ida');
    const jack = await world.person('jack');
    await follows(ida, jack);

    const answers = await Promise.all(
      [1, 2, 3].map(() => ida.delete(`/api/users/${jack.id}/unfollow`)),
    );

    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toEqual({ following: false, followerCount: 0 });
    }
    expect((await ida.get('/api/users/me')).body).toMatchObject({
      user: { counts: { following: 0 } },
    });
  });

  test('takes a request to a private account back', async () => {
    const kim = await world.person('kim');
    const lea = await world.person('lea');
    await lea.put('/api/users/me', { isPrivate: true });
    await follows(kim, lea);

    await kim.delete(`/api/users/${lea.id}/unfollow`);

    const accepted = await lea.put(`/api/users/${kim.id}/relation`, { action: 'accept' });
    expect(accepted.status).toBe(404);
  });
});
