import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import { days } from '#platform/clock.ts';
import { callerOf } from '../support/caller.ts';
import { objectsIn, until, upload } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deletion-'));
  world = await startWorld();
});
afterAll(async () => {
  await world.stop();
  await rm(dir, { recursive: true, force: true });
});

test('a deleted video is gone at once, and its objects after 30 days', {
  timeout: 300_000,
}, async () => {
  const owner = await world.person('owner');
  const viewer = await world.person('viewer');
  const path = join(dir, 'clip.mp4');
  await makeClip({ path, seconds: 3, width: 320, height: 568, fps: 30, speech: 'hello my friend' });
  const assetId = await upload(owner, path);
  const created = await owner.post('/api/content', { assetId, caption: 'Soon gone' });
  const id = String(created.body['content']?.['id']);
  const shown = await until(
    () => viewer.get(`/api/content/${id}`),
    ({ body }) => body['content']?.['captions']?.[0] !== undefined,
  );
  const videoUrl = String(shown.body['content']?.['videoUrl']);
  await viewer.post(`/api/content/${id}/comment`, { text: 'Keep it!' });
  expect((await fetch(videoUrl)).status).toBe(200);

  expect((await owner.delete(`/api/content/${id}`)).status).toBe(200);
  await world.settle();
  expect((await viewer.get(`/api/content/${id}`)).status).toBe(404);

  world.advance(days(29));
  expect(await world.runJob('purgeOrphans')).toBe(200);
  expect(await objectsIn('MEDIA_BUCKET')).not.toEqual([]);

  world.advance(days(1) + 60_000);
  expect(await world.runJob('purgeOrphans')).toBe(200);
  expect(await objectsIn('MEDIA_BUCKET')).toEqual([]);
  expect((await callerOf(world.url).get(`/api/content/${id}`)).status).toBe(404);
});
