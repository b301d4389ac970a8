import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStorage } from '#local/google/storage/start.ts';
import { aPlace, aStorage, type LocalStorage } from './support.ts';

let local: LocalStorage;

beforeAll(async () => {
  local = await aStorage();
  await local.declare('private-things', {});
  await local.declare('public-things', { public: true });
}, 60_000);

afterAll(() => local.engine.stop());

const things = () => local.client.bucket('private-things');
const mebibyte = 1024 * 1024;

describe('resumable sessions', () => {
  const begin = async (name: string, bytes: number) => {
    const options = { metadata: { contentType: 'video/mp4', contentLength: bytes } };
    const [url] = await things().file(name).createResumableUpload(options);
    return url;
  };
  const send = (url: string, body: Uint8Array<ArrayBuffer>, range?: string) =>
    fetch(url, {
      method: 'PUT',
      body,
      headers: range === undefined ? {} : { 'content-range': range },
    });
  const ask = (url: string, total: number | '*' = '*') =>
    fetch(url, { method: 'PUT', headers: { 'content-range': `bytes */${total}` } });

  test('take chunks, tell how far they are, and repeat their answer when done', async () => {
    const body = new Uint8Array(randomBytes(700_000));
    const url = await begin('chunked', body.length);
    const chunk = 2 * 262_144;

    const empty = await ask(url);
    const first = await send(url, body.slice(0, chunk), `bytes 0-${chunk - 1}/700000`);
    const asked = await ask(url, 700_000);
    const gap = await send(url, body.slice(chunk + 1), `bytes ${chunk + 1}-699999/700000`);
    const overlap = await send(url, body.slice(1000), 'bytes 1000-699999/700000');
    const again = await ask(url);

    expect([empty, first, asked, gap].map(({ status }) => status)).toEqual([308, 308, 308, 400]);
    expect(empty.headers.get('range')).toBeNull();
    expect(first.headers.get('range')).toBe(`bytes=0-${chunk - 1}`);
    expect(asked.headers.get('range')).toBe(`bytes=0-${chunk - 1}`);
    expect([overlap.status, again.status]).toEqual([200, 200]);
    expect(await again.json()).toMatchObject({ name: 'chunked', size: '700000' });
    expect((await things().file('chunked').download())[0].equals(body)).toBe(true);
  });

  test('refuse more bytes than declared, another total and ragged chunks', async () => {
    const url = await begin('declared', 1000);

    const more = await send(url, new Uint8Array(1001));
    const other = await send(url, new Uint8Array(10), 'bytes 0-9/2000');
    const ragged = await send(url, new Uint8Array(10), 'bytes 0-9/1000');
    const fewer = await send(url, new Uint8Array(999));

    expect([more, other, ragged, fewer].map(({ status }) => status)).toEqual([400, 400, 400, 308]);
    expect(await things().file('declared').exists()).toEqual([false]);
  });

  test('are unknown after a cancel', async () => {
    const url = await begin('cancelled', 10);

    const cancelled = await fetch(url, { method: 'DELETE' });
    const asked = await ask(url);

    expect([cancelled.status, asked.status]).toEqual([499, 404]);
  });

  test('survive a kill of the storage in the middle, and leave no half object', async () => {
    const { dataDir } = await aPlace();
    const first = await startStorage({ ...local.place, dataDir });
    const bucket = `${first.address}/_local/buckets/test-uploads`;
    await fetch(bucket, { method: 'PUT', body: '{}' });
    const api = `${first.address}/upload/storage/v1/b/test-uploads/o?uploadType=resumable&name=x`;
    const started = await fetch(api, { method: 'POST' });
    const url = started.headers.get('location') ?? '';
    const body = new Uint8Array(randomBytes(600_000));
    await send(url, body.slice(0, 262_144), 'bytes 0-262143/*');
    const stuck = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(9)),
    });
    const request = { method: 'PUT', body: stuck, duplex: 'half' } as RequestInit;
    const broken = fetch(`${api.replace('resumable', 'media')}`, { ...request, method: 'POST' });
    broken.catch(() => {});
    process.kill(first.pid ?? 0, 'SIGKILL');
    const reason = await first.exited;

    const second = await startStorage({ ...local.place, dataDir });
    const none = await fetch(`${second.address}/storage/v1/b/test-uploads/o/x`);
    const asked = await ask(url);
    const done = await send(url, body.slice(262_144), 'bytes 262144-599999/600000');
    const read = await fetch(`${second.address}/storage/v1/b/test-uploads/o/x?alt=media`);
    const back = Buffer.from(await read.arrayBuffer());
    await second.stop();

    expect(reason).toMatch(/^node ended \(SIGKILL\)/);
    expect(none.status).toBe(404);
    expect(asked.headers.get('range')).toBe('bytes=0-262143');
    expect(done.status).toBe(200);
    expect(back.equals(body)).toBe(true);
  });

  test('stream 200 MB in less than 150 MB of memory', async () => {
    const block = new Uint8Array(randomBytes(mebibyte));
    let left = 200;
    const body = new ReadableStream({
      pull(controller) {
        left -= 1;
        controller.enqueue(block);
        if (left === 0) controller.close();
      },
    });
    const url = await begin('huge', 200 * mebibyte);

    const response = await fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit);
    const resident = execFileSync('ps', ['-o', 'rss=', '-p', `${local.engine.pid}`]).toString();

    expect(response.status).toBe(200);
    expect(Number(resident)).toBeLessThan(150 * 1024);
  }, 120_000);
});

test('the log of the storage tells nothing of requests that were only refused', async () => {
  expect(await readFile(local.place.logFile, 'utf8')).toBe('');
});
