import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeObject } from '#platform/storage.ts';
import { aContent } from '../../support/contents.ts';
import type { Person } from '../../support/people.ts';
import { objectsIn, until } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
}, 240_000);
afterAll(() => world?.stop());

const VTT = 'WEBVTT\n\n00:00.000 --> 00:02.000\nHello <b>you</b>\n\n00:02.500 --> 00:04.000\nBye\n';
const trackOf = (id: string, language = 'en') => `/api/content/${id}/captions/${language}`;

describe('captionsUpdate', { timeout: 300_000 }, () => {
  test('shows the track a creator uploads, in the usual spelling of its language', async () => {
    const id = await aContent(alice);

    const { status, body } = await alice.put(trackOf(id, 'pt-br'), { action: 'upload', vtt: VTT });

    expect(status).toBe(200);
    expect(body['caption']).toMatchObject({
      language: 'pt-BR',
      status: 'ready',
      source: 'uploaded',
      segments: [
        { start: 0, end: 2, text: 'Hello you' },
        { start: 2.5, end: 4, text: 'Bye' },
      ],
    });
    const seen = (await world.get(`/api/content/${id}`)).body['content'];
    expect(seen?.['captions']).toEqual([
      { language: 'pt-BR', source: 'uploaded', url: body['caption']?.['url'] },
    ]);
    const file = await fetch(String(body['caption']?.['url']));
    expect(file.headers.get('content-type')).toMatch(/^text\/vtt/);
  });

  test('replaces the file of a track that is edited', async () => {
    const id = await aContent(alice);
    const before = await alice.put(trackOf(id), { action: 'upload', vtt: VTT });

    const segments = [{ start: 1, end: 2, text: 'Better <words>' }];
    const after = await alice.put(trackOf(id), { action: 'edit', segments });

    expect(after.body['caption']).toMatchObject({ status: 'edited', source: 'edited', segments });
    expect(after.body['caption']?.['url']).not.toBe(before.body['caption']?.['url']);
    const file = await (await fetch(String(after.body['caption']?.['url']))).text();
    expect(file).toContain('Better &lt;words&gt;');
    expect(await objectsIn('MEDIA_BUCKET', `captions/${id}/`)).toHaveLength(1);
  });

  test('says where captions cannot be understood', async () => {
    const id = await aContent(alice);

    const vtt = 'WEBVTT\n\n00:05.000 --> 00:02.000\nBackwards\n';
    const uploaded = await alice.put(trackOf(id), { action: 'upload', vtt });
    const segments = [
      { start: 3, end: 4, text: 'second' },
      { start: 1, end: 2, text: 'first' },
    ];
    const edited = await alice.put(trackOf(id), { action: 'edit', segments });

    expect(uploaded).toMatchObject({ status: 400, body: { field: 'vtt' } });
    expect(String(uploaded.body['details'])).toContain('line 3');
    expect(edited).toMatchObject({ status: 400, body: { field: 'segments.1' } });
  });

  test('asks for a track once, and says when there is nothing to hear', async () => {
    const id = await aContent(alice, { captions: false });
    const request = () => alice.put(trackOf(id), { action: 'request' });

    const [one, other] = await Promise.all([request(), request()]);
    await world.settle();
    const told = (await world.realtime(`user:${alice.id}`)).filter(
      ({ name, data }) => name === 'caption:status' && data['contentId'] === id,
    );

    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.body['caption']?.['id']).toBe(other.body['caption']?.['id']);
    expect(told.at(-1)?.data).toMatchObject({ status: 'empty' });
  });

  test('deletes a track, and a result that comes later does not bring it back', async () => {
    const id = await aContent(alice);
    const { body } = await alice.put(trackOf(id), { action: 'upload', vtt: VTT });
    const captionId = String(body['caption']?.['id']);

    const deleted = await alice.put(trackOf(id), { action: 'delete' });
    await writeObject({
      bucket: String(process.env['CAPTIONS_BUCKET']),
      object: `results/${captionId}/1/audio_transcript_${randomUUID()}.json`,
      contentType: 'application/json',
      body: JSON.stringify({ results: [] }),
    });
    await until(
      () => objectsIn('CAPTIONS_BUCKET', `results/${captionId}/`),
      (names) => names.length === 0,
    );

    expect(deleted.body).toEqual({ caption: null });
    expect((await world.get(`/api/content/${id}`)).body['content']?.['captions']).toEqual([]);
    expect(await objectsIn('MEDIA_BUCKET', `captions/${id}/`)).toEqual([]);
  });

  test('knows no content of somebody else', async () => {
    const id = await aContent(alice);
    const bob = await world.person('bob');

    const answers = await Promise.all(
      [{ action: 'request' }, { action: 'upload', vtt: VTT }, { action: 'delete' }].map((body) =>
        bob.put(trackOf(id), body),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});
