import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Place } from '#local/engine.ts';
import { startStorage } from '#local/google/storage/start.ts';
import { aPlace, aReceiver, until, useEnvironment } from './support.ts';

let place: Place;
let engine: Engine;
let storage: Storage;

beforeAll(async () => {
  place = await aPlace();
  engine = await startStorage(place);
  useEnvironment(engine);
  storage = new Storage({ projectId: 'mixillo-test', retryOptions: { autoRetry: false } });
  await declare('private-things', {});
  await declare('public-things', { public: true });
}, 60_000);

afterAll(() => engine.stop());

async function declare(bucket: string, body: object) {
  const url = `${engine.address}/_local/buckets/${bucket}`;
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

const things = () => storage.bucket('private-things');
const open = () => storage.bucket('public-things');
const inAnHour = () => new Date(Date.now() + 3_600_000);
const mebibyte = 1024 * 1024;

describe('the JSON API, through the real client', () => {
  test('stores small objects in one request and large ones in chunks', async () => {
    const large = randomBytes(3 * mebibyte + 17);
    await things()
      .file('a/small.txt')
      .save('hello', { resumable: false, contentType: 'text/plain' });
    await things().file('a/large.bin').save(large, { chunkSize: mebibyte });

    const [small] = await things().file('a/small.txt').download();
    const [back] = await things().file('a/large.bin').download();
    const [metadata] = await things().file('a/small.txt').getMetadata();

    expect(small.toString()).toBe('hello');
    expect(back.equals(large)).toBe(true);
    expect(metadata).toMatchObject({
      contentType: 'text/plain',
      size: '5',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc32c: 'mnG7TA==',
      metageneration: '1',
    });
  });

  test('reads ranges', async () => {
    await things().file('range').save('0123456789', { resumable: false });

    const [middle] = await things().file('range').download({ start: 2, end: 4 });

    expect(middle.toString()).toBe('234');
  });

  test('lists by prefix and delimiter, page by page', async () => {
    const names = ['list/a', 'list/b/1', 'list/b/2', 'list/c', 'list/d/1'];
    await Promise.all(names.map((name) => things().file(name).save('x', { resumable: false })));

    const [all] = await things().getFiles({ prefix: 'list/', maxResults: 2 });
    const [paged] = await things().getFiles({ prefix: 'list/', autoPaginate: true });
    const [, , level] = await things().getFiles({
      prefix: 'list/',
      delimiter: '/',
      autoPaginate: false,
    });

    expect(all.map(({ name }) => name)).toEqual(['list/a', 'list/b/1']);
    expect(paged.map(({ name }) => name)).toEqual(names);
    expect(level).toMatchObject({ prefixes: ['list/b/', 'list/d/'] });
  });

  test('shows every name once when pages end inside a folder', async () => {
    const seen: string[] = [];
    let pageToken: string | undefined = '';
    do {
      const query = `prefix=list/&delimiter=/&maxResults=1&pageToken=${pageToken}`;
      const response = await fetch(`${engine.address}/storage/v1/b/private-things/o?${query}`);
      const page = (await response.json()) as Page;
      seen.push(...(page.items ?? []).map(({ name }) => name), ...(page.prefixes ?? []));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);

    expect(seen).toEqual(['list/a', 'list/b/', 'list/c', 'list/d/']);
  });

  interface Page {
    readonly items?: readonly { readonly name: string }[];
    readonly prefixes?: readonly string[];
    readonly nextPageToken?: string;
  }

  test('composes, copies, moves and deletes', async () => {
    await things().file('part/1').save('one ', { resumable: false, contentType: 'text/plain' });
    await things().file('part/2').save('two', { resumable: false });

    await things().combine(['part/1', 'part/2'], 'whole');
    await things().file('whole').copy(open().file('copied'));
    await things().file('part/2').move('part/3');
    await things().file('part/1').delete();

    const [whole] = await things().file('whole').download();
    const [copied] = await open().file('copied').download();
    const [left] = await things().getFiles({ prefix: 'part/' });
    const [metadata] = await things().file('whole').getMetadata();
    expect([whole.toString(), copied.toString()]).toEqual(['one two', 'one two']);
    expect(left.map(({ name }) => name)).toEqual(['part/3']);
    expect(metadata).toMatchObject({ componentCount: 2, contentType: 'text/plain' });
  });

  test('changes metadata without touching the bytes', async () => {
    const file = things().file('described');
    await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });

    await file.setMetadata({ cacheControl: 'no-store', metadata: { a: null, c: '3' } });

    const [after] = await file.getMetadata();
    expect(after).toMatchObject({ cacheControl: 'no-store', metageneration: '2', size: '1' });
    expect(after.metadata).toEqual({ b: '2', c: '3' });
  });

  test('holds writers to their preconditions', async () => {
    const file = things().file('guarded');
    await file.save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    const [{ generation = '' }] = await file.getMetadata();

    const again = file.save('2', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(again).rejects.toMatchObject({ code: 412 });
    const meta = file.setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 7 });
    await expect(meta).rejects.toMatchObject({ code: 412 });
    await file.save('3', {
      resumable: false,
      preconditionOpts: { ifGenerationMatch: Number(generation) },
    });
    const stale = things().file('guarded', { generation }).download();
    await expect(stale).rejects.toMatchObject({ code: 404 });
    expect(`${(await file.download())[0]}`).toBe('3');
  });

  test('lets exactly one of many racing creators win', async () => {
    const attempts = Array.from({ length: 12 }, (_, index) =>
      things()
        .file('race')
        .save(`${index}`, {
          resumable: index % 2 === 0,
          preconditionOpts: { ifGenerationMatch: 0 },
        }),
    );

    const outcomes = await Promise.all(
      attempts.map((attempt) =>
        attempt.then(
          () => 'won',
          ({ code }: { code: unknown }) => Number(code),
        ),
      ),
    );

    expect(outcomes.sort()).toEqual([...Array.from({ length: 11 }, () => 412), 'won']);
  });

  test('refuses bytes that are not those the sender summed', async () => {
    const url = `${engine.address}/upload/storage/v1/b/private-things/o?uploadType=media&name=summed`;

    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
      body: 'hello',
    });

    expect(response.status).toBe(400);
    expect(await things().file('summed').exists()).toEqual([false]);
  });

  test('makes a bucket public by its policy', async () => {
    await storage.createBucket('policy-things');
    const bucket = storage.bucket('policy-things');
    await bucket.file('x').save('seen', { resumable: false });
    const before = await fetch(`${engine.address}/policy-things/x`);

    const [policy] = await bucket.iam.getPolicy();
    const bindings = [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }];
    await bucket.iam.setPolicy({ ...policy, bindings });

    const after = await fetch(`${engine.address}/policy-things/x`);
    expect([before.status, after.status]).toEqual([403, 200]);
  });
});

describe('signed URLs', () => {
  const signedPut = async (name: string, headers: Record<string, string> = {}) => {
    const [url] = await things().file(name).getSignedUrl({
      version: 'v4',
      action: 'write',
      expires: inAnHour(),
      contentType: 'video/mp4',
      extensionHeaders: headers,
    });
    return (body: Uint8Array<ArrayBuffer> | string, sent: Record<string, string> = {}) =>
      fetch(url, {
        method: 'PUT',
        headers: { 'content-type': 'video/mp4', ...headers, ...sent },
        body,
      });
  };

  test('let the holder write and read', async () => {
    const name = 'signed/ü and space+plus.mp4';
    const put = await signedPut(name, {
      'x-goog-content-length-range': '1,10',
      'x-goog-if-generation-match': '0',
      'x-goog-meta-owner': 'me',
    });

    const written = await put('12345');

    const options = { version: 'v4', action: 'read', expires: inAnHour() } as const;
    const [url] = await things()
      .file(name)
      .getSignedUrl({ ...options, promptSaveAs: 'mine.mp4' });
    const read = await fetch(url);
    expect([written.status, read.status]).toEqual([200, 200]);
    expect(await read.text()).toBe('12345');
    expect(read.headers.get('content-disposition')).toBe('attachment; filename="mine.mp4"');
    expect(read.headers.get('x-goog-meta-owner')).toBe('me');
  });

  test('refuse more or fewer bytes than the signed range', async () => {
    const put = await signedPut('signed/range', { 'x-goog-content-length-range': '2,4' });

    const long = await put('12345');
    const short = await put('1');

    expect([long.status, short.status]).toEqual([400, 400]);
    expect(await long.text()).toContain('<Code>EntityTooLarge</Code>');
    expect(await short.text()).toContain('<Code>EntityTooSmall</Code>');
    expect(await things().file('signed/range').exists()).toEqual([false]);
  });

  test('refuse a body of unknown length at the first byte beyond the range', async () => {
    const put = await signedPut('signed/endless', { 'x-goog-content-length-range': '0,100' });
    const { url } = await put('x');
    const sending = request(url, {
      method: 'PUT',
      headers: { 'content-type': 'video/mp4', 'x-goog-content-length-range': '0,100' },
    });

    sending.write(new Uint8Array(101));
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    sending.on('error', () => {}).destroy();

    expect(answer.statusCode).toBe(400);
  });

  test('refuse to replace what was promised to be new', async () => {
    const put = await signedPut('signed/once', { 'x-goog-if-generation-match': '0' });

    const first = await put('1');
    const second = await put('2');

    expect([first.status, second.status]).toEqual([200, 412]);
    expect(await second.text()).toContain('<Code>PreconditionFailed</Code>');
  });

  test('refuse another type, an unsigned or missing header, and another method', async () => {
    const put = await signedPut('signed/strict', { 'x-goog-content-length-range': '0,9' });
    const { url } = await put('1');
    const send = (method: string, headers: Record<string, string>) =>
      fetch(url, { method, headers, body: '1' });
    const good = { 'content-type': 'video/mp4', 'x-goog-content-length-range': '0,9' };

    const answers = await Promise.all([
      send('PUT', { ...good, 'content-type': 'text/html' }),
      send('PUT', { ...good, 'x-goog-content-length-range': '0,999' }),
      send('PUT', { ...good, 'x-goog-meta-extra': 'x' }),
      send('PUT', { 'content-type': 'video/mp4' }),
      send('DELETE', good),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 400, 400, 403]);
  });

  test('refuse a signature for another object, a changed signature and no signature', async () => {
    const put = await signedPut('signed/mine');
    const { url } = await put('1');
    const send = (changed: string) =>
      fetch(changed, { method: 'PUT', headers: { 'content-type': 'video/mp4' }, body: 'x' });
    const digit = url.endsWith('0') ? '1' : '0';

    const answers = await Promise.all([
      send(url.replace('signed/mine', 'signed/yours')),
      send(url.slice(0, -1) + digit),
      send(url.replace(/X-Goog-Expires=\d+/, 'X-Goog-Expires=604800')),
      send(url.replace('local%40', 'other%40')),
      send(url.replace(/&X-Goog-Signature=.*/, '')),
      send(url.replace(/\?.*/, '')),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 400, 403]);
    expect(await answers[0].text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(await things().file('signed/yours').exists()).toEqual([false]);
  });

  test('expire', async () => {
    const expires = new Date(Date.now() + 1_500);
    const options = { version: 'v4', action: 'read', expires } as const;
    const [url] = await things().file('a/small.txt').getSignedUrl(options);

    await until(async () => (await fetch(url)).status === 400);

    expect(await (await fetch(url)).text()).toContain('<Code>ExpiredToken</Code>');
  });

  test('start a resumable session that keeps the signed limits', async () => {
    const headers = { 'x-goog-content-length-range': '0,4', 'content-type': 'video/mp4' };
    const [url] = await things()
      .file('signed/session')
      .getSignedUrl({
        version: 'v4',
        action: 'resumable',
        expires: inAnHour(),
        contentType: 'video/mp4',
        extensionHeaders: { 'x-goog-content-length-range': '0,4' },
      });

    const started = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'x-goog-resumable': 'start' },
    });
    const session = started.headers.get('location') ?? '';
    const tooMany = await fetch(session, { method: 'PUT', body: '12345' });
    const fitting = await fetch(session, { method: 'PUT', body: '1234' });

    expect([started.status, tooMany.status, fitting.status]).toEqual([201, 400, 200]);
  });
});

describe('reads without a signature', () => {
  test('see public objects with range, type and caching', async () => {
    await open()
      .file('video/a b.mp4')
      .save('0123456789', {
        resumable: false,
        contentType: 'video/mp4',
        metadata: { cacheControl: 'public, max-age=31536000, immutable' },
      });
    const url = `${engine.address}/public-things/video/a%20b.mp4`;

    const part = await fetch(url, { headers: { range: 'bytes=-3', origin: 'https://a.test' } });
    const beyond = await fetch(url, { headers: { range: 'bytes=10-' } });
    const etag = part.headers.get('etag') ?? '';
    const known = await fetch(url, { headers: { 'if-none-match': etag } });
    const head = await fetch(url, { method: 'HEAD' });

    expect([part.status, beyond.status, known.status, head.status]).toEqual([206, 416, 304, 200]);
    expect(await part.text()).toBe('789');
    expect(Object.fromEntries(part.headers)).toMatchObject({
      'content-range': 'bytes 7-9/10',
      'content-type': 'video/mp4',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': 'https://a.test',
    });
    expect(head.headers.get('content-length')).toBe('10');
  });

  test('are refused in other buckets, whether the object exists or not', async () => {
    const there = await fetch(`${engine.address}/private-things/a/small.txt`);
    const missing = await fetch(`${engine.address}/private-things/nothing`);
    const write = await fetch(`${engine.address}/public-things/x`, { method: 'PUT', body: 'x' });

    expect([there.status, missing.status, write.status]).toEqual([403, 403, 403]);
  });

  test('answer a browser that asks before it uploads', async () => {
    const asked = await fetch(`${engine.address}/upload/storage/v1/b/private-things/o`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://a.test',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,content-range',
      },
    });

    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type,content-range');
  });
});

describe('hostile names', () => {
  const names = [
    '../x',
    '../../../../etc/passwd',
    '%2e%2e/%2e%2e/y',
    'a/../../b',
    '/etc/z',
    'q?x#y',
  ];

  test.each(names)('%s is only a name', async (name) => {
    await things().file(name).save(`is ${name}`, { resumable: false });

    const [body] = await things().file(name).download();
    const [found] = await things().getFiles({ prefix: name });

    expect(body.toString()).toBe(`is ${name}`);
    expect(found.map((file) => file.name)).toEqual([name]);
  });

  test('cannot climb out of a public bucket', async () => {
    const paths = [
      '/public-things/..%2f..%2fcredentials/service-account.json',
      '/public-things/%2e%2e/private-things/a/small.txt',
      '/..%2f..%2fetc/passwd',
      '/public-things/%zz',
    ];

    const answers = await Promise.all(paths.map((path) => rawGet(engine.address, path)));

    expect(answers.filter((status) => status === 200)).toEqual([]);
    expect(answers.filter((status) => status >= 500)).toEqual([]);
  });

  test('that no object or bucket may have are refused', async () => {
    const dots = things().file('..').save('x', { resumable: false });
    await expect(dots).rejects.toMatchObject({ code: 400 });
    const long = things().file('x'.repeat(1025)).save('x', { resumable: false });
    await expect(long).rejects.toMatchObject({ code: 400 });
    const bucket = storage.createBucket('../up');
    await expect(bucket).rejects.toMatchObject({ code: 400 });
  });

  /** `fetch` would tidy the path before sending it. */
  const rawGet = async (origin: string, path: string): Promise<number> => {
    const { hostname, port } = new URL(origin);
    const asking = request({ hostname, port, path }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  };
});

describe('notifications', () => {
  interface Stored {
    readonly name: string;
    readonly size: string;
    readonly generation: string;
  }

  test('are CloudEvents, repeated until they are accepted', async () => {
    const sink = await aReceiver<Stored>((_, count) => (count < 3 ? 503 : 204));
    await declare('noisy-things', { sinks: [{ url: sink.url }] });

    await storage.bucket('noisy-things').file('a b/ü.mp4').save('hello', { resumable: false });
    await until(() => sink.received.length === 3);
    await sink.close();

    expect(new Set(sink.received.map(({ headers }) => headers['ce-id'])).size).toBe(1);
    expect(sink.received[2]).toMatchObject({
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-type': 'google.cloud.storage.object.v1.finalized',
        'ce-source': '//storage.googleapis.com/projects/_/buckets/noisy-things',
        'ce-subject': 'objects/a%20b/%C3%BC.mp4',
        'ce-bucket': 'noisy-things',
      },
      body: { name: 'a b/ü.mp4', bucket: 'noisy-things', size: '5', kind: 'storage#object' },
    });
  });

  test('go on after a kill, to the sinks the bucket has then', async () => {
    const killed = await startStorage({ ...(await aPlace()), ...killable });
    const bucketUrl = (origin: string) => `${origin}/_local/buckets/kept-things`;
    const closed = { sinks: [{ url: 'http://127.0.0.1:1/' }] };
    await fetch(bucketUrl(killed.address), { method: 'PUT', body: JSON.stringify(closed) });
    const upload = '/upload/storage/v1/b/kept-things/o?uploadType=media&name=x';
    await fetch(`${killed.address}${upload}`, { method: 'POST', body: 'hello' });
    process.kill(killed.pid ?? 0, 'SIGKILL');
    await killed.exited;

    const again = await startStorage({ ...(await aPlace()), ...killable });
    const sink = await aReceiver<Stored>(() => 200);
    const now = { sinks: [{ url: sink.url }] };
    await fetch(bucketUrl(again.address), { method: 'PUT', body: JSON.stringify(now) });
    await until(() => sink.received.length === 1);
    await again.stop();
    await sink.close();

    expect(sink.received[0]?.body).toMatchObject({ name: 'x', size: '5' });
    expect(again.address).toBe(killed.address);
  });

  const killable: { dataDir: string } = { dataDir: '' };
  beforeAll(async () => {
    killable.dataDir = (await aPlace()).dataDir;
  });
});

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
    const first = await startStorage({ ...place, dataDir });
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

    const second = await startStorage({ ...place, dataDir });
    const none = await fetch(`${second.address}/storage/v1/b/test-uploads/o/x`);
    const asked = await ask(url);
    const done = await send(url, body.slice(262_144), 'bytes 262144-599999/600000');
    const read = await fetch(`${second.address}/storage/v1/b/test-uploads/o/x?alt=media`);
    const back = Buffer.from(await read.arrayBuffer());
    await second.stop();

    expect(reason).toMatch(/^SIGKILL/);
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
    const resident = execFileSync('ps', ['-o', 'rss=', '-p', `${engine.pid}`]).toString();

    expect(response.status).toBe(200);
    expect(Number(resident)).toBeLessThan(150 * 1024);
  }, 120_000);
});

test('the log of the storage tells nothing of requests that were only refused', async () => {
  expect(await readFile(place.logFile, 'utf8')).toBe('');
});
