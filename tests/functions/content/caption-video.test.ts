import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentsSaying } from '#domain/content/captions.ts';
import { parseWebVtt } from '#domain/media/webvtt.ts';
import { makeClip } from '#local/clips/clips.ts';
import type { Person } from '../../support/people.ts';
import { objectsIn, until, upload } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let dir: string;
let spoken: string;

const SPEECH = 'Welcome to the kitchen. Today we bake fresh bread with butter and sugar.';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'caption-video-'));
  spoken = join(dir, 'spoken.mp4');
  const clip = { seconds: 6, width: 270, height: 480, fps: 15 };
  [world] = await Promise.all([startWorld(), makeClip({ ...clip, path: spoken, speech: SPEECH })]);
}, 240_000);
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Uploads and publishes; the id of the content. */
async function post(
  creator: Person,
  path: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<string> {
  const assetId = await upload(creator, path);
  const { body } = await creator.post('/api/content', { assetId, caption: 'Bread', ...facts });
  return String(body['content']?.['id']);
}

interface Shown {
  readonly status: string;
  readonly captions: readonly { language: string; url: string; source: string }[];
}

const shown = async (viewer: Person, id: string): Promise<Shown> => {
  const { body } = await viewer.get(`/api/content/${id}`);
  return body['content'] as unknown as Shown;
};

const captioned = (viewer: Person, id: string): Promise<Shown> =>
  until(
    () => shown(viewer, id),
    ({ status, captions }) => status === 'published' && captions.length > 0,
  );

const published = (viewer: Person, id: string): Promise<Shown> =>
  until(
    () => shown(viewer, id),
    ({ status }) => status === 'published',
  );

const text = async (url: string): Promise<string> => (await fetch(url)).text();

describe('captionVideo', { timeout: 600_000 }, () => {
  test('writes what is said, where players and the search find it', async () => {
    const alice = await world.person('alice');

    const id = await post(alice, spoken, { language: 'en' });
    const { captions } = await captioned(alice, id);
    await world.settle();

    expect(captions).toEqual([{ language: 'en', source: 'auto', url: expect.any(String) }]);
    const cues = parseWebVtt(await text(captions[0]?.url ?? ''));
    const said = cues.map((cue) => cue.text.toLowerCase()).join(' ');
    expect(said).toMatch(/kitchen/);
    expect(said).toMatch(/bread/);
    expect((await contentsSaying('butter kitchen', 10)).map(String)).toContain(id);
    const told = (await world.realtime(`user:${alice.id}`)).filter(
      ({ name }) => name === 'caption:status',
    );
    expect(told.at(-1)?.data).toEqual({ contentId: id, language: 'en', status: 'ready' });
    expect(await objectsIn('CAPTIONS_BUCKET', 'results/')).toEqual([]);
  });

  test('publishes a video without sound, and one whose creator wants none, without captions', async () => {
    const bob = await world.person('bob');
    const silent = join(dir, 'silent.mp4');
    await makeClip({ path: silent, seconds: 2, width: 180, height: 320, fps: 15, audio: 'none' });

    const ids = [await post(bob, silent, {}), await post(bob, spoken, { captions: false })];
    for (const id of ids) await published(bob, id);
    await world.settle();

    expect((await shown(bob, ids[0] ?? '')).captions).toEqual([]);
    expect((await shown(bob, ids[1] ?? '')).captions).toEqual([]);
    const told = await world.realtime(`user:${bob.id}`);
    expect(told.filter(({ name }) => name === 'caption:status')).toEqual([]);
  });

  test('never overwrites what the owner wrote meanwhile', async () => {
    const carol = await world.person('carol');
    const id = await post(carol, spoken, { language: 'en' });

    const mine = 'WEBVTT\n\n00:00.000 --> 00:02.000\nMy own words\n';
    const path = `/api/content/${id}/captions/en`;
    const written = await carol.put(path, { action: 'upload', vtt: mine });
    await published(carol, id);
    await world.settle();
    await until(
      () => objectsIn('CAPTIONS_BUCKET', 'results/'),
      (names) => names.length === 0,
    );

    expect(written.status).toBe(200);
    const { captions } = await shown(carol, id);
    expect(captions).toEqual([{ language: 'en', source: 'uploaded', url: expect.any(String) }]);
    expect(await text(captions[0]?.url ?? '')).toContain('My own words');
    expect(await objectsIn('MEDIA_BUCKET', `captions/${id}/`)).toHaveLength(1);
  });
});
