import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStorage } from '#local/google/storage/start.ts';
import { aPlace, aReceiver, aStorage, type LocalStorage, until } from './support.ts';

let local: LocalStorage;

beforeAll(async () => {
  local = await aStorage();
  await local.declare('private-things', {});
  await local.declare('public-things', { public: true });
}, 60_000);

afterAll(() => local.engine.stop());

describe('notifications', () => {
  interface Stored {
    readonly name: string;
    readonly size: string;
    readonly generation: string;
  }

  test('are CloudEvents, repeated until they are accepted', async () => {
    const sink = await aReceiver<Stored>((_, count) => (count < 3 ? 503 : 204));
    await local.declare('noisy-things', { sinks: [{ url: sink.url }] });

    await local.client.bucket('noisy-things').file('a b/ü.mp4').save('hello', { resumable: false });
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
