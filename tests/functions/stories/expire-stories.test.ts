import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MediaAssets } from '#domain/media/media-asset.model.ts';
import { Stories } from '#domain/stories/story.model.ts';
import { announceTo } from '#local/host/sinks.ts';
import { hours, minutes } from '#platform/clock.ts';
import { anAsset } from '../../support/contents.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  // No schedule: what a story does at its end, it does by itself.
  world = await startWorld({ background: false });
  await announceTo([], world.url);
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
/** Signs in again: the token of yesterday has expired. */
const renewed = async (person: Person): Promise<Person> => {
  const { body } = await world.post('/api/auth/refresh', { refreshToken: person.refreshToken });
  person.token = String(body['token']);
  person.refreshToken = String(body['refreshToken']);
  return person;
};

describe('expireStories', () => {
  test('only cleans up: stories are over after 24 hours to the millisecond without it', async () => {
    const assetId = await anAsset(alice, story);
    const { body } = await alice.post('/api/stories', { assetId });
    const id = String(body['story']?.['id']);
    const endsAt = new Date(String(body['story']?.['expiresAt'])).getTime();

    world.advance(endsAt - world.now().getTime() - minutes(1));
    await renewed(bob);
    expect(await tray(bob)).toContain(id);

    world.advance(endsAt - world.now().getTime());
    expect(await tray(bob)).not.toContain(id);
    expect((await bob.post(`/api/stories/${id}/view`)).status).toBe(404);
    expect((await Stories.findById(id).lean())?.status).toBe('live');

    expect(await world.runJob('expireStories')).toBe(200);
    expect((await Stories.findById(id).lean())?.status).toBe('expired');
    expect(await MediaAssets.exists({ _id: assetId })).not.toBeNull();

    world.advance(hours(48));
    expect(await world.runJob('expireStories')).toBe(200);
    expect(await Stories.findById(id).lean()).toBeNull();
    expect(await MediaAssets.exists({ _id: assetId })).toBeNull();
  });
});
