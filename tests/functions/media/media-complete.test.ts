import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freePort } from '#local/child.ts';
import { makeClip } from '#local/clips/clips.ts';
import {
  announce,
  deliver,
  eventsAbout,
  finalize,
  makeBuckets,
  send,
  statusOf,
} from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let dir: string;
let clip: Buffer;
let scannerPort: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'media-complete-'));
  scannerPort = await freePort();
  const environment = { CLAMD_URL: `tcp://127.0.0.1:${scannerPort}` };
  world = await startWorld({ background: false, environment });
  await makeBuckets();
  const path = join(dir, 'clip.mp4');
  await makeClip({ path, seconds: 3, width: 540, height: 960, fps: 30, look: 4 });
  clip = await readFile(path);
}, 240_000);
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

const CHUNK = 256 * 1024;

/** The way to the real scanner, which is closed until it is opened. */
function openScanner(): Promise<Server> {
  const { hostname, port } = new URL(inject('engineEnvironment')['CLAMD_URL'] ?? '');
  const server = createServer((socket) => {
    const scanner = createConnection({ host: hostname, port: Number(port) });
    socket.pipe(scanner).pipe(socket);
    socket.on('error', () => scanner.destroy());
    scanner.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => server.listen(scannerPort, '127.0.0.1', () => resolve(server)));
}

describe('mediaComplete', { timeout: 300_000 }, () => {
  test('goes on where an upload was interrupted', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: clip.length });
    const complete = () => alice.post(`/api/media/uploads/${announced.id}/complete`);

    await send(announced, clip.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/${clip.length}`);
    const half = await statusOf(alice, announced.id);
    const early = await complete();
    const rest = `bytes ${CHUNK}-${clip.length - 1}/${clip.length}`;
    const sent = await send(announced, clip.subarray(CHUNK), rest);
    const done = await complete();

    expect(half).toMatchObject({ status: 'uploading', upload: { receivedBytes: CHUNK } });
    expect(early).toMatchObject({
      status: 409,
      body: { code: 'upload_incomplete', current: { receivedBytes: CHUNK } },
    });
    expect(sent).toBe(200);
    expect(done).toMatchObject({ status: 200, body: { asset: { status: 'uploaded' } } });
  });

  test('takes note of an upload once, whether client or storage say so first', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: clip.length });
    await send(announced, clip);
    const bucket = String(process.env['UPLOADS_BUCKET']);
    const object = { bucket, name: `videos/${alice.id}/${announced.id}` };
    const complete = () => alice.post(`/api/media/uploads/${announced.id}/complete`);
    const trigger = () => finalize(world, 'onUploadFinalized', object);

    await Promise.all([complete(), trigger(), complete(), trigger()]);
    await Promise.all([trigger(), complete()]);

    expect(await eventsAbout(announced.id)).toEqual(['media.uploaded']);
  });

  test('fails closed without the scanner, and tries again without a new upload', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: clip.length });
    const { id } = announced;
    await send(announced, clip);
    await alice.post(`/api/media/uploads/${id}/complete`);
    const data = { assetId: id, ownerId: alice.id, purpose: 'video' };
    const attempt = () => deliver(world, 'processMedia', { type: 'media.uploaded', data });

    const answers = [await attempt(), await attempt(), await attempt()];
    const failed = await statusOf(alice, id);
    const scanner = await openScanner();
    const again = await alice.post(`/api/media/uploads/${id}/complete`);
    await attempt();
    scanner.close();

    expect(answers).toEqual([500, 500, 200]);
    expect(failed).toMatchObject({
      status: 'failed',
      failureCode: 'internal_error',
      retryable: true,
    });
    expect(again.body).toMatchObject({ asset: { status: 'uploaded', failureCode: null } });
    expect(await statusOf(alice, id)).toMatchObject({ status: 'ready' });
    expect(await eventsAbout(id)).toEqual(
      ['uploaded', 'failed', 'uploaded', 'accepted', 'audible', 'ready'].map((x) => `media.${x}`),
    );
  });

  test('converts once, however often and late the event comes', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: clip.length });
    const { id } = announced;
    await send(announced, clip);
    await alice.post(`/api/media/uploads/${id}/complete`);
    const data = { assetId: id, ownerId: alice.id, purpose: 'video' };
    const scanner = await openScanner();
    const attempt = () => deliver(world, 'processMedia', { type: 'media.uploaded', data });

    const answers = await Promise.all([attempt(), attempt(), attempt()]);
    const first = await statusOf(alice, id);
    answers.push(await attempt());
    scanner.close();

    expect(answers).toEqual([200, 200, 200, 200]);
    expect(first).toMatchObject({ status: 'ready' });
    expect(await statusOf(alice, id)).toEqual(first);
    const ready = (await eventsAbout(id)).filter((type) => type === 'media.ready');
    expect(ready).toHaveLength(1);
  });
});
