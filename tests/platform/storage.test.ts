import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startStorage } from '#local/google/storage/start.ts';
import {
  deleteObject,
  deletePrefix,
  downloadTo,
  objectInfo,
  publicUrl,
  readObject,
  signedDownload,
  signedUpload,
  uploadFile,
  uploadProgress,
  writeObject,
} from '#platform/storage.ts';
import { aPlace, useEnvironment } from '../local/google/support.ts';

const uploads = 'test-uploads';
const media = 'test-media';

let engine: Engine;

beforeAll(async () => {
  engine = await startStorage(await aPlace());
  useEnvironment(engine, `${engine.address}/${media}/`);
  await declare(uploads, {});
  await declare(media, { public: true });
}, 60_000);

afterAll(() => engine.stop());

const declare = (bucket: string, body: object) =>
  fetch(`${engine.address}/_local/buckets/${bucket}`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });

const inAnHour = () => new Date(Date.now() + 3_600_000);
const bytes = (length: number) => new Uint8Array(randomBytes(length));
const contentType = 'video/mp4';

describe('an upload by a client', () => {
  const open = (object: string, length: number) =>
    signedUpload({ bucket: uploads, object, contentType, bytes: length, expiresAt: inAnHour() });

  test('is one PUT of all the bytes', async () => {
    const body = bytes(300_000);
    const { url, method, headers } = await open('whole', body.length);

    const answer = await fetch(url, { method, headers, body });

    expect(answer.status).toBe(200);
    expect(await objectInfo(uploads, 'whole')).toMatchObject({ bytes: 300_000, contentType });
    expect(await uploadProgress(url)).toBe(300_000);
  });

  test('can be sent in chunks, and tells how far it is', async () => {
    const body = bytes(300_000);
    const { url, method } = await open('chunks', body.length);
    const send = (from: number, to: number) =>
      fetch(url, {
        method,
        headers: { 'content-range': `bytes ${from}-${to - 1}/300000` },
        body: body.slice(from, to),
      });

    const before = await uploadProgress(url);
    await send(0, 262_144);
    const between = await uploadProgress(url);
    await send(262_144, 300_000);

    expect([before, between, await uploadProgress(url)]).toEqual([0, 262_144, 300_000]);
    expect(body).toEqual(new Uint8Array((await readObject(uploads, 'chunks', 300_000)) ?? []));
  });

  test('takes no byte more than was declared', async () => {
    const { url, method, headers } = await open('long', 10);

    const answer = await fetch(url, { method, headers, body: bytes(11) });

    expect(answer.status).toBe(400);
    expect(await objectInfo(uploads, 'long')).toBeUndefined();
  });

  test('never replaces an object: of two to one name, one wins', async () => {
    const sessions = await Promise.all([open('same', 4), open('same', 4)]);

    const answers = await Promise.all(
      sessions.map(({ url, method, headers }) => fetch(url, { method, headers, body: bytes(4) })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test('has no progress when its session is unknown', async () => {
    const { url } = await open('unknown', 4);

    expect(await uploadProgress(url.replace(/upload_id=.*/, 'upload_id=none'))).toBeUndefined();
  });
});

describe('objects', () => {
  test('are written, read with a limit, described and deleted', async () => {
    const name = 'captions/é 1.vtt';
    await writeObject({ bucket: media, object: name, body: 'WEBVTT', contentType: 'text/vtt' });

    expect(`${await readObject(media, name, 6)}`).toBe('WEBVTT');
    await expect(readObject(media, name, 5)).rejects.toThrow('at most 5');
    expect(await objectInfo(media, name)).toMatchObject({
      bytes: 6,
      contentType: 'text/vtt',
      md5: createHash('md5').update('WEBVTT').digest('hex'),
    });

    await deleteObject(media, name);
    await deleteObject(media, name);
    expect(await objectInfo(media, name)).toBeUndefined();
    expect(await readObject(media, name, 6)).toBeUndefined();
  });

  test('are not deleted by the generation of an earlier one', async () => {
    const write = (body: string) =>
      writeObject({ bucket: media, object: 'kept', body, contentType: 'text/plain' });
    await write('1');
    const earlier = await objectInfo(media, 'kept');
    await write('2');

    await deleteObject(media, 'kept', earlier?.generation);

    expect(`${await readObject(media, 'kept', 10)}`).toBe('2');
  });

  test('are deleted by prefix, and nothing else is', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `hls/1/${index}.ts`);
    const all = [...names, 'hls/10/0.ts'];
    await Promise.all(
      all.map((object) => writeObject({ bucket: media, object, body: 'x', contentType })),
    );

    expect(await deletePrefix(media, 'hls/1/')).toBe(60);
    expect(await objectInfo(media, 'hls/10/0.ts')).toMatchObject({ bytes: 1 });
    await expect(deletePrefix(media, '')).rejects.toThrow('prefix');
  });

  test('travel from and to files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mixillo-storage-'));
    const body = bytes(6 * 1024 * 1024);
    await writeFile(join(folder, 'from'), body);

    await uploadFile({ bucket: media, object: 'file', path: join(folder, 'from'), contentType });
    await downloadTo(media, 'file', join(folder, 'to'));

    expect((await readFile(join(folder, 'to'))).equals(body)).toBe(true);
  });

  test('of the media bucket are read by anybody at their public address', async () => {
    const object = 'videos/a b/ü?#%.mp4';
    const cacheControl = 'public, max-age=31536000, immutable';
    await writeObject({ bucket: media, object, body: 'seen', contentType, cacheControl });

    const read = await fetch(publicUrl(object));

    expect(await read.text()).toBe('seen');
    expect(read.headers.get('cache-control')).toBe(cacheControl);
  });

  test('of other buckets are read only by a signed address', async () => {
    await writeObject({ bucket: uploads, object: 'secret', body: 'mine', contentType });
    const url = await signedDownload({
      bucket: uploads,
      object: 'secret',
      expiresAt: inAnHour(),
      asFilename: 'mine.mp4',
    });

    const signed = await fetch(url);
    const bare = await fetch(url.replace(/\?.*/, ''));

    expect([signed.status, bare.status]).toEqual([200, 403]);
    expect(signed.headers.get('content-disposition')).toContain('mine.mp4');
  });
});
