import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cue, cuesOf, InvalidCaptions, parseWebVtt, toWebVtt } from '#domain/media/webvtt.ts';

const said = (text: string, start = 0, each = 0.4) =>
  text.split(' ').map((word, index) => ({
    word,
    start: start + index * each,
    end: start + (index + 1) * each,
  }));

const file = (...blocks: string[]) => `${['WEBVTT', ...blocks].join('\n\n')}\n`;

/** Milliseconds are what the format can hold. */
const moments = fc.integer({ min: 0, max: 100_000_000 }).map((ms) => ms / 1000);
const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .map((text) => text.replace(/[\s\0]+/g, ' ').trim())
  .filter((text) => text.length > 0);
const cue: fc.Arbitrary<Cue> = fc
  .record({
    start: moments,
    length: fc.integer({ min: 1, max: 60_000 }),
    lines: fc.array(line, { minLength: 1, maxLength: 2 }),
  })
  .map(({ start, length, lines }) => ({
    start,
    end: (Math.round(start * 1000) + length) / 1000,
    text: lines.join('\n'),
  }));
const track = fc
  .array(cue, { maxLength: 30 })
  .map((cues) => cues.toSorted((one, other) => one.start - other.start));

const word = fc.record({
  word: fc.stringMatching(/^[a-z']{1,14}[.!?]?$/),
  pause: fc.double({ min: 0, max: 2, noNaN: true }),
  length: fc.double({ min: 0, max: 1, noNaN: true }),
});
const speech = fc.array(word, { maxLength: 80 }).map((drawn) => {
  let clock = 0;
  return drawn.map(({ word, pause, length }) => {
    const start = clock + pause;
    clock = start + length;
    return { word, start, end: clock };
  });
});

const scrap = fc.constantFrom(
  ...['00:01.000', '00:00:02.000', '99:59:59.999', ' --> ', '-->', ' ', '\t', '\n', '\n\n', '\r'],
  ...['NOTE', 'STYLE', 'WEBVTT', '<', '<v Ann>', '>', '&', '&amp;', '&lt', '\0', '\u2028', 'text'],
);

describe('captions from spoken words', () => {
  test('break into two short lines', () => {
    const [first, second] = cuesOf(
      said('welcome to my kitchen today we are going to cook a very simple soup', 1, 0.25),
    );

    expect(first?.text).toBe('welcome to my kitchen today we\nare going to cook a very simple');
    expect(first?.start).toBe(1);
    expect(second?.text).toBe('soup');
  });

  test('begin anew after a pause and after a full stop', () => {
    const words = [...said('one two.'), ...said('three four', 0.8), ...said('five', 3)];

    expect(cuesOf(words).map(({ text }) => text)).toEqual(['one two.', 'three four', 'five']);
  });

  test('never last longer than six seconds', () => {
    const cues = cuesOf(said('a b c d e f g h i j k l', 0, 1));

    expect(cues.map(({ start, end }) => end - start)).toEqual([6, 6]);
  });

  test('keep every word, in order, in cues that a player accepts', () => {
    fc.assert(
      fc.property(speech, (words) => {
        const cues = parseWebVtt(toWebVtt(cuesOf(words)));
        expect(cues.flatMap(({ text }) => text.split(/\s/))).toEqual(words.map(({ word }) => word));
        expect(cues.every(({ text }) => text.split('\n').length <= 2)).toBe(true);
      }),
    );
  });
});

describe('a caption file', () => {
  test('comes back as it was written, whatever the text', () => {
    fc.assert(
      fc.property(track, (cues) => {
        expect(parseWebVtt(toWebVtt(cues))).toEqual(cues);
      }),
    );
  });

  test('cannot be escaped from by its text', () => {
    const text = 'a <b>bold</b> & --> move\r\r\n\n00:00:09.000 --> 00:00:10.000\nfake';
    const written = toWebVtt([{ start: 0, end: 1, text }]);

    expect(written.match(/-->/g)).toHaveLength(1);
    expect(parseWebVtt(written)).toHaveLength(1);
  });

  test('may be written by other people: names, notes, styles, positions, markup and short times', () => {
    const cues = parseWebVtt(
      `\uFEFF${file(
        'NOTE made by hand',
        'STYLE\n::cue { color: red }',
        'intro\n00:01.000 --> 00:02.500 align:start position:10%\n<v Ann>Hello</v> &amp; <i>welcome</i>',
        '00:00:03.000 --> 00:00:04.000\r\ntwo\r\nlines',
      ).replaceAll('\n\n', '\r\n\r\n')}`,
    );

    expect(cues).toEqual([
      { start: 1, end: 2.5, text: 'Hello & welcome' },
      { start: 3, end: 4, text: 'two\nlines' },
    ]);
  });

  test.each([
    ['no header', '00:00:01.000 --> 00:00:02.000\nhi', 1],
    ['a subtitle file of another kind', '1\n00:00:01,000 --> 00:00:02,000\nhi', 1],
    ['a comma in the time', file('00:00:01,000 --> 00:00:02,000\nhi'), 3],
    ['an end before its beginning', file('00:00:02.000 --> 00:00:01.000\nhi'), 3],
    ['no length', file('00:00:02.000 --> 00:00:02.000\nhi'), 3],
    ['sixty seconds in a minute', file('00:00:60.000 --> 00:02:00.000\nhi'), 3],
    [
      'cues out of order',
      file('00:00:05.000 --> 00:00:06.000\na', '00:00:01.000 --> 00:00:02.000\nb'),
      6,
    ],
    ['text without times', file('hello'), 3],
    ['cues run together', file('00:01.000 --> 00:02.000\na\n00:03.000 --> 00:04.000\nb'), 5],
    ['a cue in the header', 'WEBVTT\n00:01.000 --> 00:02.000\na', 2],
    ['an endless cue', file(`00:01.000 --> 00:02.000\n${'long '.repeat(300)}`), 3],
    ['a length of years', file('00:01.000 --> 99999999:00:02.000\na'), 3],
  ])('with %s is refused at the right line', (_, text, at) => {
    expect(() => parseWebVtt(text)).toThrow(
      expect.objectContaining({ name: 'InvalidCaptions', line: at }),
    );
  });

  test('may not be larger than half a megabyte or longer than five thousand cues', () => {
    const many = (count: number) =>
      file(...Array.from({ length: count }, () => '00:01.000 --> 00:02.000\nhi'));

    expect(() => parseWebVtt(file('x'.repeat(500_000)))).toThrow(InvalidCaptions);
    expect(() => parseWebVtt(many(5_001))).toThrow(InvalidCaptions);
    expect(parseWebVtt(many(5_000))).toHaveLength(5_000);
  });

  test('never breaks the reader, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 60 }), (scraps) => {
        const read = () => parseWebVtt(`WEBVTT\n\n${scraps.join('')}`);
        try {
          expect(read()).toBeInstanceOf(Array);
        } catch (problem) {
          expect(problem).toBeInstanceOf(InvalidCaptions);
        }
      }),
    );
  });
});
