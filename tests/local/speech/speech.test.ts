import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import type { Engine } from '#local/engine.ts';
import { startStorage } from '#local/google/storage/start.ts';
import { startSpeech } from '#local/speech/engine.ts';
import { utterancesIn } from '#local/speech/recogniser.ts';
import { aPlace, until } from '../../support/place.ts';
import { SpeechCaller } from './caller.ts';

const SAID = 'welcome to my kitchen';
const places = { storage: aPlace(), speech: aPlace(), full: aPlace() };
const at = (name: string) => join(places.storage.dataDir, name);
let storage: Engine;
let bucket: ReturnType<Storage['bucket']>;

beforeAll(async () => {
  storage = await startStorage({ ...places.storage, dataDir: at('storage') });
  Object.assign(process.env, storage.env);
  bucket = new Storage({ projectId: 'local' }).bucket('media-room');
  await bucket.create();
  const clip = { seconds: 3, width: 64, height: 96, fps: 10 };
  await makeClip({ ...clip, path: at('spoken.mp4'), speech: `${SAID}.` });
  await makeClip({ ...clip, path: at('mute.mp4'), audio: 'none' });
  execFileSync('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'anullsrc=r=16000:cl=mono',
      '-t',
      '3',
      at('still.flac'),
    ],
  ]);
  execFileSync('ffmpeg', ['-v', 'error', '-i', at('spoken.mp4'), '-vn', at('spoken.flac')]);
  for (const name of ['spoken.mp4', 'spoken.flac', 'mute.mp4', 'still.flac']) {
    await bucket.upload(at(name), { destination: `in/${name}` });
  }
});
afterAll(async () => {
  await storage.stop();
  for (const place of Object.values(places)) place.remove();
});

const resultsIn = async (prefix: string) => {
  const [files] = await bucket.getFiles({ prefix });
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      content: JSON.parse(String((await file.download())[0])),
    })),
  );
};

describe('the speech service', () => {
  let engine: Engine;
  let speech: SpeechCaller;
  beforeAll(async () => {
    engine = await startSpeech(places.speech);
    speech = new SpeechCaller(engine);
  });
  afterAll(async () => {
    await speech.close();
    await engine.stop();
  });

  test.each(['spoken.mp4', 'spoken.flac'])(
    'finds the words and their times in %s',
    async (name) => {
      const output = `out/${name}`;
      const operation = await speech.start(
        `gs://media-room/in/${name}`,
        `gs://media-room/${output}`,
      );

      expect(await speech.outcome(operation)).toEqual({ uri: expect.stringContaining(output) });
      const [result] = await resultsIn(output);
      expect(result?.name).toMatch(/^out\/spoken\.(mp4|flac)\/spoken_transcript_[0-9a-f-]+\.json$/);
      const [best] = result?.content.results[0]?.alternatives ?? [];
      expect(best.transcript.toLowerCase()).toBe(`${SAID}.`);
      expect(best.words).toHaveLength(4);
      expect(best.words[3]).toEqual({
        word: 'kitchen.',
        startOffset: expect.stringMatching(/^[01]\.\d{3}s$/),
        endOffset: expect.stringMatching(/^[12]\.\d{3}s$/),
      });
      expect(result?.content.results[0]).toMatchObject({
        languageCode: 'en-us',
        resultEndOffset: best.words[3].endOffset,
      });
    },
  );

  test('finds nothing where nothing is said', async () => {
    const operation = await speech.start('gs://media-room/in/still.flac', 'gs://media-room/still');
    await speech.outcome(operation);

    expect((await resultsIn('still/'))[0]?.content.results).toEqual([]);
  });

  test.each([
    ['gs://media-room/in/missing.mp4', 'gs://media-room/out', 5],
    ['gs://no-such-bucket/in/spoken.mp4', 'gs://media-room/out', 5],
    ['gs://media-room/in/spoken.flac', 'gs://no-such-bucket/out', 5],
    ['gs://media-room/in/mute.mp4', 'gs://media-room/out', 3],
  ])('reports beside the file that %s to %s failed', async (audio, output, code) => {
    const operation = await speech.start(audio, output);

    expect(await speech.outcome(operation)).toMatchObject({ error: { code } });
  });

  test.each([
    ['an address that is none', { audio: 'https://example.com/a.mp4' }],
    ['no place for the result', { output: '' }],
    ['a language it does not know', { language: 'de-DE' }],
  ])('refuses %s', async (_, odd) => {
    const starting = speech.start(
      'audio' in odd ? odd.audio : 'gs://media-room/in/spoken.mp4',
      'output' in odd ? odd.output : 'gs://media-room/out',
      'language' in odd ? odd.language : 'en-US',
    );

    await expect(starting).rejects.toMatchObject({ code: 3 });
  });

  test('does not know what it was never asked', async () => {
    await expect(
      speech.outcome('projects/p/locations/global/operations/none'),
    ).rejects.toMatchObject({ code: 5 });
  });
});

test('goes on after a restart with what it had accepted, and says when it has enough', async () => {
  process.env['SPEECH_MAX_WAITING'] = '2';
  const first = await startSpeech(places.full);
  const before = new SpeechCaller(first);
  const start = () => before.start('gs://media-room/in/spoken.flac', 'gs://media-room/later');
  const accepted = [await start(), await start()];
  await expect(start()).rejects.toMatchObject({ code: 8 });
  await before.close();
  process.kill(first.pid ?? 0, 'SIGKILL');
  expect(await first.exited).toContain('SIGKILL');

  const second = await startSpeech(places.full);
  const after = new SpeechCaller(second);
  for (const operation of accepted) {
    expect(await after.outcome(operation)).toHaveProperty('uri');
  }
  await after.close();
  await second.stop();

  expect(await until(async () => (await resultsIn('later/')).length >= 2)).toBe(true);
  delete process.env['SPEECH_MAX_WAITING'];
});

test('the recogniser’s words come without its marks for pauses, noises and pronunciations', () => {
  const printed = [
    "it's [NOISE] today",
    '<s> 0.000 0.120 1.000200',
    "it's(2) 0.130 0.640 0.956853",
    '<sil> 0.650 0.780 1.000200',
    '++NOISE++ 0.790 0.900 1.000300',
    '[SPEECH] 0.900 0.950 0.100000',
    'today(2) 1.500 1.940 1.000200',
    '</s> 1.950 2.000 1.000000',
    '<s> 5.000 5.120 1.000200',
    '</s> 5.950 6.000 1.000000',
  ].join('\n');

  expect(utterancesIn(printed)).toEqual([
    [
      { word: "it's", start: 0.13, end: 0.64, confidence: 0.956853 },
      { word: 'today', start: 1.5, end: 1.94, confidence: 1 },
    ],
  ]);
});
