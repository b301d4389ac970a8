import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aStorage, type LocalStorage, until } from './support.ts';

let local: LocalStorage;

beforeAll(async () => {
  local = await aStorage();
  await local.declare('private-things', {});
  await local.declare('public-things', { public: true });
}, 60_000);

afterAll(() => local.engine.stop());

const things = () => local.client.bucket('private-things');
const open = () => local.client.bucket('public-things');
const inAnHour = () => new Date(Date.now() + 3_600_000);

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
    const url = `${local.engine.address}/public-things/video/a%20b.mp4`;

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
    const there = await fetch(`${local.engine.address}/private-things/a/small.txt`);
    const missing = await fetch(`${local.engine.address}/private-things/nothing`);
    const write = await fetch(`${local.engine.address}/public-things/x`, {
      method: 'PUT',
      body: 'x',
    });

    expect([there.status, missing.status, write.status]).toEqual([403, 403, 403]);
  });

  test('answer a browser that asks before it uploads', async () => {
    const asked = await fetch(`${local.engine.address}/upload/storage/v1/b/private-things/o`, {
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
