import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { announce, makeBuckets, statusOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
  await makeBuckets();
});
afterAll(() => world.stop());

const CLIP = { purpose: 'video', bytes: 1000, mime: 'video/mp4' };

describe('mediaCreateUpload', { timeout: 120_000 }, () => {
  test('shows the asset before its first byte, with the place to send it to', async () => {
    const alice = await world.person('alice');

    const { id, url } = await announce(alice, { bytes: 1000 });

    expect(await statusOf(alice, id)).toMatchObject({
      status: 'created',
      upload: { url, receivedBytes: 0, totalBytes: 1000 },
      failureCode: null,
    });
  });

  test.each([
    [{ ...CLIP, mime: 'video/x-msvideo' }, 415, 'invalid_file_type'],
    [{ ...CLIP, purpose: 'avatar' }, 415, 'invalid_file_type'],
    [{ ...CLIP, bytes: 101 * 1024 * 1024 }, 413, 'file_too_large'],
    [{ ...CLIP, bytes: 0 }, 400, 'validation_failed'],
  ])('decides on what is declared: %j is %i', async (body, status, code) => {
    const alice = await world.person('alice');

    const answer = await alice.post('/api/media/uploads', body, { key: randomUUID() });

    expect(answer).toMatchObject({ status, body: { code } });
  });

  test('names the limit a file exceeds', async () => {
    const alice = await world.person('alice');

    const body = { ...CLIP, bytes: 101 * 1024 * 1024 };
    const answer = await alice.post('/api/media/uploads', body, { key: randomUUID() });

    expect(answer.body).toMatchObject({ limitBytes: 104_857_600 });
  });

  test('answers a repeat with the same asset and the same session', async () => {
    const alice = await world.person('alice');
    const key = randomUUID();
    const ask = () => alice.post('/api/media/uploads', CLIP, { key });

    const first = await ask();
    const more = await Promise.all([ask(), ask(), ask()]);

    expect(more.map(({ body }) => body)).toEqual([first.body, first.body, first.body]);
  });

  test('lets one key make one asset, however many requests race', async () => {
    const alice = await world.person('alice');
    const key = randomUUID();
    const ask = () => alice.post('/api/media/uploads', CLIP, { key });

    const answers = await Promise.all([ask(), ask(), ask(), ask()]);

    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => String(body['asset']?.['id']))).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  test('gives two people with the same key two assets', async () => {
    const key = randomUUID();
    const people = [await world.person('alice'), await world.person('bob')];

    const answers = await Promise.all(
      people.map((person) => person.post('/api/media/uploads', CLIP, { key })),
    );

    expect(new Set(answers.map(({ body }) => String(body['asset']?.['id']))).size).toBe(2);
  });

  test('hides an asset from everybody else', async () => {
    const alice = await world.person('alice');
    const bob = await world.person('bob');
    const { id } = await announce(alice, { bytes: 1000 });

    const looked = await bob.get(`/api/media/uploads/${id}`);
    const completed = await bob.post(`/api/media/uploads/${id}/complete`);

    expect([looked.status, completed.status]).toEqual([404, 404]);
  });

  test('ends the uploads of a day at the quota', async () => {
    const alice = await world.person('alice');
    await changeSetting('media.uploadsPerDay', 2);
    await announce(alice, { bytes: 1000 });
    await announce(alice, { bytes: 1000 });

    const third = await alice.post('/api/media/uploads', CLIP, { key: randomUUID() });
    await changeSetting('media.uploadsPerDay', 200);

    expect(third).toMatchObject({ status: 429, body: { code: 'upload_quota_reached' } });
  });
});
