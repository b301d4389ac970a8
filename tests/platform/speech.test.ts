import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import type { Engine } from '#local/engine.ts';
import { startStorage } from '#local/google/storage/start.ts';
import { startSpeech } from '#local/speech/engine.ts';
import { parseRecognition, recognitionState, startRecognition } from '#platform/speech.ts';
import { aPlace, completeEnvironment, until } from '../support/place.ts';

const places = [aPlace(), aPlace()] as const;
const engines: Engine[] = [];
let bucket: ReturnType<Storage['bucket']>;

beforeAll(async () => {
  for (const [place, start] of [
    [places[0], startStorage],
    [places[1], startSpeech],
  ] as const) {
    const engine = await start(place);
    engines.unshift(engine);
    Object.assign(process.env, completeEnvironment, engine.env);
  }
  bucket = new Storage({ projectId: 'local' }).bucket('speech-room');
  await bucket.create();
  const path = join(places[0].dataDir, 'clip.mp4');
  const speech = 'Today we are going to cook a simple soup with carrots and onions.';
  await makeClip({ path, seconds: 5, width: 64, height: 96, fps: 10, speech });
  await bucket.upload(path, { destination: 'clip.mp4' });
});
afterAll(async () => {
  for (const engine of engines) await engine.stop();
  for (const place of places) place.remove();
});

const order = {
  audioUri: 'gs://speech-room/clip.mp4',
  outputUri: 'gs://speech-room/results',
  languageCode: 'en-US',
};
const ended = (operation: string) =>
  until(async () => {
    const state = await recognitionState(operation);
    return state === 'running' ? undefined : state;
  }, 50_000);

describe('a recognition', () => {
  test('leaves its result in the bucket, with the words that were spoken', async () => {
    const { operation } = await startRecognition(order);

    expect(await ended(operation)).toBe('done');
    const [[file]] = await bucket.getFiles({ prefix: 'results/' });
    const { text, segments, words } = parseRecognition(
      JSON.parse(String((await file?.download())?.[0])),
    );
    expect(text).toMatch(/cook.* simple soup with carrots and onions\.$/);
    expect(segments[0]).toMatchObject({ text });
    expect(words.at(-1)).toMatchObject({ word: 'onions.' });
    expect(words.at(-1)?.end).toBeLessThan(5);
  });

  test('that fails says why', async () => {
    const { operation } = await startRecognition({
      ...order,
      audioUri: 'gs://speech-room/missing.mp4',
    });

    expect(await ended(operation)).toEqual({ failed: 'NOT_FOUND' });
  });

  test('that nobody remembers has failed', async () => {
    const operation = 'projects/local/locations/global/operations/forgotten';

    expect(await recognitionState(operation)).toEqual({ failed: 'NOT_FOUND' });
  });

  test('that can never be is refused for good', async () => {
    await expect(startRecognition({ ...order, languageCode: 'xx-XX' })).rejects.toMatchObject({
      name: 'RecognitionRefused',
      code: 'INVALID_ARGUMENT',
      retry: false,
    });
  });
});

describe('a result', () => {
  const spoken = (words: unknown) => ({ results: [{ alternatives: [{ words }] }] });

  test('is read in seconds, with zero where the service says nothing', () => {
    const { segments, words } = parseRecognition({
      results: [
        {
          alternatives: [
            {
              transcript: 'Hello there.',
              confidence: 0.9,
              words: [
                { endOffset: '0.300s', word: 'Hello' },
                { startOffset: '0.300s', endOffset: '1s', word: 'there.' },
              ],
            },
          ],
          resultEndOffset: '1.200s',
          languageCode: 'en-us',
        },
        { alternatives: [{ transcript: ' And more.' }], resultEndOffset: '3s' },
        { resultEndOffset: '4s' },
      ],
      metadata: { totalBilledDuration: '4s' },
    });

    expect(segments).toEqual([
      { start: 0, end: 1, text: 'Hello there.' },
      { start: 1, end: 3, text: 'And more.' },
    ]);
    expect(words).toEqual([
      { word: 'Hello', start: 0, end: 0.3 },
      { word: 'there.', start: 0.3, end: 1 },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['silence', { results: [] }],
    ['null', null],
    ['an error page', '<html>'],
    ['a word without a sound', spoken([{ word: ' ' }])],
    ['a time from before the beginning', spoken([{ word: 'a', startOffset: '-1s' }])],
    ['an endless word', spoken([{ word: 'a'.repeat(10_000) }])],
  ])('of %s has no words', (_, json) => {
    expect(parseRecognition(json)).toEqual({ segments: [], words: [], text: '' });
  });

  test('is bounded, whatever its size', () => {
    const result = { alternatives: [{ transcript: 'x'.repeat(1000) }] };
    const { text } = parseRecognition({ results: Array.from({ length: 20_000 }, () => result) });

    expect(text.length).toBeLessThan(210_000);
  });

  test('is always in the order of time and never breaks the reader', () => {
    const offset = fc.oneof(
      fc.double({ min: 0, max: 99, noNaN: true }).map((seconds) => `${seconds.toFixed(3)}s`),
      fc.constant(undefined),
    );
    const word = fc.record({ word: fc.string(), startOffset: offset, endOffset: offset });
    const result = fc.record({
      alternatives: fc.array(fc.record({ words: fc.array(word) }), { maxLength: 2 }),
    });
    const file = fc.record({ results: fc.array(fc.oneof(result, fc.jsonValue())) });

    fc.assert(
      fc.property(fc.oneof(file, fc.jsonValue()), (json) => {
        const { segments, words } = parseRecognition(json);
        for (const spans of [segments, words]) {
          expect(spans.every(({ start, end }) => end >= start)).toBe(true);
          const starts = spans.map(({ start }) => start);
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
