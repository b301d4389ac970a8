import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BadClips, badClips, makeClip } from '#local/clips/clips.ts';
import { ended, inboxOf, objectsIn, toldAbout, upload } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let dir: string;
let bad: BadClips;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'process-media-'));
  [world, bad] = await Promise.all([startWorld(), badClips(dir)]);
}, 240_000);
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

const nothingLeft = async (assetId: string): Promise<void> => {
  const left = await Promise.all([
    objectsIn('UPLOADS_BUCKET'),
    objectsIn('MEDIA_BUCKET'),
    objectsIn('CAPTIONS_BUCKET'),
  ]);
  expect(left.flat().filter((name) => name.includes(assetId))).toEqual([]);
};

describe('processMedia', { timeout: 300_000 }, () => {
  test('turns a clip into a video, a stream, a poster and a preview that anybody can fetch', async () => {
    const alice = await world.person('alice');
    const path = join(dir, 'good.mp4');
    await makeClip({ path, seconds: 3, width: 270, height: 480, fps: 15, look: 2 });

    const id = await upload(alice, path);
    const asset = await ended(alice, id);

    expect(asset).toMatchObject({ status: 'ready', progress: 100, failureCode: null });
    const video = await fetch(String(asset['videoUrl']));
    expect([video.status, video.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const made = await objectsIn('MEDIA_BUCKET', `videos/${alice.id}/${id}/`);
    expect(made).toEqual(expect.arrayContaining([expect.stringMatching(/hls\/master\.m3u8$/)]));
    expect(await objectsIn('UPLOADS_BUCKET', `videos/${alice.id}/${id}`)).toEqual([]);
  });

  test.each([
    ['wrongMagic', 'type_mismatch'],
    ['playlist', 'type_mismatch'],
    ['infected', 'malware'],
    ['truncated', 'unreadable'],
    ['bomb', 'unreadable'],
    ['hour', 'too_long'],
  ] as const)('rejects %s as %s, tells its owner, and leaves no object', async (name, code) => {
    const owner = await world.person('owner');

    const id = await upload(owner, bad[name]);
    const asset = await ended(owner, id);
    await world.settle();

    expect(asset).toMatchObject({ status: 'rejected', failureCode: code, retryable: false });
    expect(asset['failure']).toMatch(/^This /);
    expect(await toldAbout(world, owner, id)).toContain(code);
    expect(await inboxOf(owner)).toEqual(['media_rejected']);
    await nothingLeft(id);
  });

  test('rejects a picture that is small on disk and huge in memory', async () => {
    const owner = await world.person('owner');

    const id = await upload(owner, bad.bombImage, { purpose: 'photo', mime: 'image/png' });
    const asset = await ended(owner, id);

    expect(asset).toMatchObject({ status: 'rejected', failureCode: 'unreadable' });
    await nothingLeft(id);
  });

  test('takes a clip without sound', async () => {
    const owner = await world.person('owner');

    const id = await upload(owner, bad.silent);
    const asset = await ended(owner, id);

    expect(asset).toMatchObject({ status: 'ready' });
  });
});
