import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import { writeObject } from '#platform/storage.ts';
import {
  announce,
  ended,
  inboxOf,
  objectsIn,
  statusOf,
  toldAbout,
  until,
} from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'on-upload-finalized-'));
  world = await startWorld();
}, 240_000);
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

const put = (object: string, body: string): Promise<void> =>
  writeObject({
    bucket: String(process.env['UPLOADS_BUCKET']),
    object,
    contentType: 'video/mp4',
    body,
  });

/** A small video sent along with its content, in one request. */
function form(bytes: Uint8Array): FormData {
  const data = new FormData();
  data.set('caption', 'Sent along');
  data.set('captions', 'false');
  data.set('video', new Blob([Buffer.from(bytes)], { type: 'video/mp4' }), 'clip.mp4');
  return data;
}

describe('onUploadFinalized', { timeout: 300_000 }, () => {
  test('deletes what nobody announced', async () => {
    await put('videos/somebody/else', 'hello');

    const left = await until(
      () => objectsIn('UPLOADS_BUCKET', 'videos/somebody/'),
      (names) => names.length === 0,
    );

    expect(left).toEqual([]);
  });

  test.each([
    ['nothing at all', ''],
    ['less than announced', 'short'],
    ['more than announced', 'x'.repeat(2000)],
  ])('rejects %s, tells the owner, and leaves no object', async (_, body) => {
    const alice = await world.person('alice');
    const { id } = await announce(alice, { bytes: 1000 });
    const object = `videos/${alice.id}/${id}`;

    await put(object, body);
    const asset = await ended(alice, id);
    await world.settle();

    expect(asset).toMatchObject({ status: 'rejected', failureCode: 'size_mismatch' });
    expect(await toldAbout(world, alice, id)).toEqual(['size_mismatch']);
    expect(await inboxOf(alice)).toEqual(['media_rejected']);
    expect(await objectsIn('UPLOADS_BUCKET', object)).toEqual([]);
  });

  test('goes on with what came in a form, once for each key', async () => {
    const alice = await world.person('alice');
    const path = join(dir, 'clip.mp4');
    await makeClip({ path, seconds: 2, width: 180, height: 320, fps: 15, look: 5 });
    const bytes = await readFile(path);
    const send = () => alice.post('/api/content', form(bytes), { key: 'tap-1' });

    const [first, again] = [await send(), await send()];
    const id = String(first.body['content']?.['id']);
    const content = await until(
      async () => (await alice.get(`/api/content/${id}`)).body['content'],
      (one) => ['published', 'rejected', 'failed'].includes(String(one?.['status'])),
    );

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(content).toMatchObject({ status: 'published', caption: 'Sent along' });
  });

  test('ends a content whose form brought no video', async () => {
    const alice = await world.person('alice');

    const text = Buffer.from('#EXTM3U not a video');
    const { body } = await alice.post('/api/content', form(text), { key: 'tap-2' });
    const id = String(body['content']?.['id']);
    const content = await until(
      async () => (await alice.get(`/api/content/${id}`)).body['content'],
      (one) => String(one?.['status']) !== 'processing',
    );
    const seen = await world.get(`/api/users/@${alice.username}`);

    expect(content).toMatchObject({ status: 'rejected' });
    expect(seen.body['user']?.['counts']?.['content']).toBe(0);
  });

  test('deletes what still comes for an asset that was rejected', async () => {
    const alice = await world.person('alice');
    const { id } = await announce(alice, { bytes: 1000 });
    const object = `videos/${alice.id}/${id}`;
    await put(object, 'short');
    await ended(alice, id);

    await put(object, 'x'.repeat(1000));
    await until(
      () => objectsIn('UPLOADS_BUCKET', object),
      (names) => names.length === 0,
    );

    expect(await statusOf(alice, id)).toMatchObject({ status: 'rejected' });
  });
});
