import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import { findProgram } from '#local/packages/install.ts';
import { until, upload } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let dir: string;
let browser: Browser;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'browser-'));
  world = await startWorld();
  browser = await chromium.launch({
    executablePath: findProgram('chromium') ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
});
afterAll(async () => {
  await browser?.close();
  await world.stop();
  await rm(dir, { recursive: true, force: true });
});

/** What a page can say of a video that plays. */
interface Playing {
  readonly width: number;
  readonly seconds: number;
  readonly cues: readonly string[];
}

const PLAYS = `(() => document.querySelector('video').currentTime > 0.5)()`;
const SEEN = `(() => {
  const video = document.querySelector('video');
  const cues = video.textTracks[0]?.cues ?? [];
  return { width: video.videoWidth, seconds: video.duration, cues: [...cues].map((cue) => cue.text) };
})()`;

test('a produced video plays in a browser, as a file with captions and as a stream', {
  timeout: 300_000,
}, async () => {
  const owner = await world.person('owner');
  const path = join(dir, 'clip.mp4');
  await makeClip({
    path,
    seconds: 4,
    width: 540,
    height: 960,
    fps: 30,
    speech: 'welcome to my kitchen',
  });
  const assetId = await upload(owner, path);
  const created = await owner.post('/api/content', { assetId, caption: 'Play me' });
  const { body } = await until(
    () => owner.get(`/api/content/${created.body['content']?.['id']}`),
    (answer) => {
      const content = answer.body['content'];
      return (
        String(content?.['status']) === 'published' && content?.['captions']?.[0] !== undefined
      );
    },
  );
  const content = body['content'];
  const page = await browser.newPage();

  await page.setContent(
    `<video crossorigin="anonymous" muted autoplay src="${content?.['videoUrl']}">
       <track default kind="captions" src="${content?.['captions']?.[0]?.['url']}"></video>`,
  );
  await page.waitForFunction(PLAYS, undefined, { timeout: 60_000 });
  const file = (await page.evaluate(SEEN)) as Playing;

  const hls = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
  await page.setContent('<video crossorigin="anonymous" muted autoplay></video>');
  await page.addScriptTag({ content: await readFile(hls, 'utf8') });
  await page.evaluate(
    `(() => { const hls = new Hls(); hls.loadSource(${JSON.stringify(content?.['hlsUrl'])}); hls.attachMedia(document.querySelector('video')); })()`,
  );
  await page.waitForFunction(PLAYS, undefined, { timeout: 60_000 });
  const stream = (await page.evaluate(SEEN)) as Playing;

  expect(file.width).toBeGreaterThan(300);
  expect(file.seconds).toBeCloseTo(4, 0);
  expect(file.cues.join(' ').toLowerCase()).toContain('kitchen');
  expect(stream.width).toBeGreaterThan(200);
});
