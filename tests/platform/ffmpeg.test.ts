import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BadClips, badClips, makeClip } from '#local/clips/clips.ts';
import {
  checkLimits,
  extractAudio,
  probeVideo,
  type Rendition,
  TranscodeFailed,
  transcode,
  UnreadableMedia,
  type VideoFacts,
} from '#platform/ffmpeg.ts';
import { completeEnvironment } from '../support/place.ts';
import { boxesOf, codecOf, ffmpeg, playedSeconds, show } from './ffmpeg.support.ts';

let dir: string;
const at = (name: string) => join(dir, name);
const transcoded = async (name: string) => {
  const facts = await probeVideo(at(name));
  return transcode({
    input: at(name),
    outputDir: at(`${name}-out`),
    facts,
    preset: 'ultrafast',
  });
};
const one = (renditions: readonly Rendition[], kind: Rendition['kind']): Rendition => {
  const found = renditions.find((rendition) => rendition.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
};

beforeAll(async () => {
  Object.assign(process.env, completeEnvironment);
  dir = await mkdtemp(join(tmpdir(), 'ffmpeg-'));
  const clip = { seconds: 5, width: 720, height: 1280, fps: 24, look: 1 };
  await makeClip({ ...clip, path: at('plain.mp4') });
  const placed = ['-metadata', 'location=+48.8584+002.2945/', '-metadata', 'comment=SECRETPLACE'];
  ffmpeg('-i', at('plain.mp4'), '-c', 'copy', ...placed, at('upload.mov'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('an ordinary upload', () => {
  let facts: VideoFacts;
  let renditions: readonly Rendition[];
  const shares: number[] = [];

  beforeAll(async () => {
    facts = await probeVideo(at('upload.mov'));
    renditions = await transcode({
      input: at('upload.mov'),
      outputDir: at('out'),
      facts,
      onProgress: (share) => shares.push(share),
    });
  });

  test('is known before it is decoded', () => {
    expect(facts).toMatchObject({
      width: 720,
      height: 1280,
      fps: 24,
      variableRate: false,
      hasAudio: true,
      videoCodec: 'h264',
      audioCodec: 'aac',
      hdr: false,
    });
    expect(facts.durationSeconds).toBeCloseTo(5, 1);
  });

  test('becomes an MP4 that plays while it loads', () => {
    const { path, width, height } = one(renditions, 'video');
    const [video, audio] = show(path).streams;

    expect(boxesOf(path).filter((box) => ['moov', 'mdat'].includes(box))).toEqual(['moov', 'mdat']);
    expect(video).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', width, height });
    expect(audio).toMatchObject({ codec_name: 'aac' });
    expect(playedSeconds(path)).toBeGreaterThan(4.9);
  });

  test('becomes a ladder of two sizes whose every part can be decoded', () => {
    const { path } = one(renditions, 'hls-master');
    const master = readFileSync(path, 'utf8');

    expect(master.match(/RESOLUTION=\d+x\d+/g)).toEqual([
      'RESOLUTION=720x1280',
      'RESOLUTION=360x640',
    ]);
    for (const playlist of renditions.filter(({ kind }) => kind === 'hls-playlist')) {
      expect(playedSeconds(playlist.path)).toBeGreaterThan(4.9);
      const named = readFileSync(playlist.path, 'utf8').match(/[\w.]+\.(?:m4s|mp4)/g) ?? [];
      const folder = playlist.name.replace('index.m3u8', '');
      const stored = renditions.map(({ name }) => name);
      expect(stored).toEqual(expect.arrayContaining(named.map((part) => folder + part)));
    }
  });

  test('names the codecs that are really in it', () => {
    const master = readFileSync(one(renditions, 'hls-master').path, 'utf8');
    const inits = renditions.filter(({ name }) => /init_\d\.mp4$/.test(name));

    const declared = [...master.matchAll(/CODECS="([^"]+)"/g)].map(([, codecs]) => codecs);
    expect(declared).toEqual(inits.map(({ path }) => `${codecOf(path)},mp4a.40.2`));
  });

  test('gets a poster and a short preview without sound', () => {
    const preview = show(one(renditions, 'preview').path);

    expect(show(one(renditions, 'poster').path).streams[0]).toMatchObject({
      codec_name: 'mjpeg',
      width: 720,
      height: 1280,
    });
    expect(preview.streams.map(({ codec_type }) => codec_type)).toEqual(['video']);
    expect(Number(preview.format.duration)).toBeCloseTo(3, 0);
  });

  test('tells nobody where it was filmed', () => {
    const bytes = renditions.map(({ path }) => readFileSync(path, 'latin1')).join('');

    expect(readFileSync(at('upload.mov'), 'latin1')).toContain('SECRETPLACE');
    expect(bytes).not.toMatch(/SECRETPLACE|48\.8584/);
  });

  test('leaves nothing else in the folder', async () => {
    const files = await readdir(at('out'), { recursive: true, withFileTypes: true });
    const names = files
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));

    expect(names.toSorted()).toEqual(renditions.map(({ path }) => path).toSorted());
  });

  test('says how far it is', () => {
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test('gives what is heard to the recogniser', async () => {
    await extractAudio({ input: at('upload.mov'), output: at('voice.flac'), facts });

    expect(show(at('voice.flac')).streams).toEqual([
      expect.objectContaining({ codec_name: 'flac', sample_rate: '16000', channels: 1 }),
    ]);
    expect(playedSeconds(at('voice.flac'))).toBeCloseTo(5, 0);
  });
});

describe('an unusual upload', () => {
  test('that was filmed sideways stands upright', async () => {
    const turned = ['-c', 'copy', '-metadata:s:v:0', 'rotate=90'];
    ffmpeg('-i', at('plain.mp4'), '-t', '1', ...turned, at('turned.mp4'));

    expect(await probeVideo(at('turned.mp4'))).toMatchObject({ width: 1280, height: 720 });
    expect(one(await transcoded('turned.mp4'), 'video')).toMatchObject({
      width: 1280,
      height: 720,
    });
  });

  test('of odd size, sixty frames, and ten-bit HDR becomes ordinary', async () => {
    const colours = ['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67'];
    ffmpeg(
      ...['-f', 'lavfi', '-i', 'gradients=s=541x961:r=60:d=0.5:n=3', '-pix_fmt', 'yuv444p10le'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', ...colours, '-colorspace', 'bt2020nc'],
      at('odd.mp4'),
    );

    expect(await probeVideo(at('odd.mp4'))).toMatchObject({ hdr: true, hasAudio: false });
    const { path } = one(await transcoded('odd.mp4'), 'video');
    expect(show(path).streams).toEqual([
      expect.objectContaining({
        width: 540,
        height: 960,
        pix_fmt: 'yuv420p',
        r_frame_rate: '30/1',
      }),
    ]);
  });

  test('that is small is not blown up, and gets one size', async () => {
    await makeClip({ path: at('small.mp4'), seconds: 1, width: 180, height: 320, fps: 10 });
    const renditions = await transcoded('small.mp4');

    expect(one(renditions, 'video')).toMatchObject({ width: 180, height: 320 });
    expect(renditions.filter(({ kind }) => kind === 'hls-playlist')).toHaveLength(1);
  });

  test('that declares no length is measured', async () => {
    const live = ['-c:v', 'libvpx', '-deadline', 'realtime', '-an', '-f', 'webm', '-live', '1'];
    ffmpeg('-i', at('plain.mp4'), '-t', '2', '-vf', 'scale=90:160', ...live, at('live.webm'));

    expect((await probeVideo(at('live.webm'))).durationSeconds).toBeCloseTo(2, 0);
  });
});

describe('a bad upload', () => {
  let bad: BadClips;
  beforeAll(async () => {
    bad = await badClips(at('bad'));
  });

  test.each<keyof BadClips>(['wrongMagic', 'bomb', 'bombImage', 'empty', 'playlist'])(
    '(%s) is refused before it is decoded',
    async (name) => {
      await expect(probeVideo(bad[name])).rejects.toBeInstanceOf(UnreadableMedia);
    },
  );

  test('that is cut short is refused when its end does not come', async () => {
    const facts = await probeVideo(bad.truncated);
    const transcoding = transcode({ input: bad.truncated, outputDir: at('cut'), facts });

    expect(facts.durationSeconds).toBeCloseTo(4, 0);
    await expect(transcoding).rejects.toBeInstanceOf(UnreadableMedia);
  });

  test('that is an hour long is refused by its facts', async () => {
    const facts = await probeVideo(bad.hour);

    expect(checkLimits(facts, { maxSeconds: 180, maxBytes: 500_000_000 })).toBe('too_long');
  });

  test('without sound is not bad at all', async () => {
    const facts = await probeVideo(bad.silent);
    const renditions = await transcode({ input: bad.silent, outputDir: at('silent'), facts });

    expect(facts.hasAudio).toBe(false);
    const master = readFileSync(one(renditions, 'hls-master').path, 'utf8');
    expect(master).not.toContain('mp4a');
    expect(playedSeconds(one(renditions, 'hls-playlist').path)).toBeCloseTo(2, 0);
  });

  test('of sound only is refused', async () => {
    ffmpeg('-i', at('plain.mp4'), '-vn', '-c', 'copy', at('sound.mp4'));

    await expect(probeVideo(at('sound.mp4'))).rejects.toBeInstanceOf(UnreadableMedia);
  });

  test.each([
    [{ bytes: 101 }, 'too_large'],
    [{ durationSeconds: 61 }, 'too_long'],
    [{ fps: 1000 }, 'unreadable'],
    [{ width: 8 }, 'unreadable'],
    [{ width: 9000, height: 100 }, 'unreadable'],
    [{ durationSeconds: 60, bytes: 100 }, undefined],
  ] as const)('with %o is judged %s', async (odd, verdict) => {
    const facts = {
      ...(await probeVideo(at('plain.mp4'))),
      durationSeconds: 10,
      bytes: 50,
      ...odd,
    };

    expect(checkLimits(facts, { maxSeconds: 60, maxBytes: 100 })).toBe(verdict);
  });
});

test('a transcoding that takes too long fails for that reason', async () => {
  const facts = await probeVideo(at('plain.mp4'));
  const order = { input: at('plain.mp4'), outputDir: at('late'), facts, timeoutSeconds: 0.1 };

  await expect(transcode(order)).rejects.toMatchObject({ code: 'timeout' });
  await expect(transcode(order)).rejects.toBeInstanceOf(TranscodeFailed);
});
