/** One caption: what is shown, and from when to when, in seconds. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  /** Plain text of one or two lines. */
  readonly text: string;
}

interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** The owner's captions cannot be taken; says where, so that they can be mended. */
export class InvalidCaptions extends Error {
  override readonly name = 'InvalidCaptions';
  /** Counted from 1; 0 when it is about the whole file. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(line > 0 ? `line ${line}: ${reason}` : reason);
    this.line = line;
  }
}

const LINE_CHARACTERS = 32;
const LINES = 2;
const LONGEST_SECONDS = 6;
const PAUSE_SECONDS = 0.7;
/** Shorter than this nobody can read; the cue stays until then unless the next one begins. */
const SHORTEST_SECONDS = 0.8;

const MAX_BYTES = 500_000;
const MAX_CUES = 5_000;
const MAX_CUE_CHARACTERS = 1_000;
const MAX_SECONDS = 359_999;

/** Groups spoken words into captions of two short lines: a new one after a pause, a full stop, or six seconds. */
export function cuesOf(words: readonly Word[]): Cue[] {
  const groups: Word[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (group && belongs(word, group)) group.push(word);
    else groups.push([word]);
  }
  return groups.map((group, index) => {
    const start = group[0]?.start ?? 0;
    const next = groups[index + 1]?.[0]?.start ?? Number.POSITIVE_INFINITY;
    const shown = Math.max(group.at(-1)?.end ?? start, Math.min(next, start + SHORTEST_SECONDS));
    // Two words at one moment would otherwise make a cue that never shows.
    const end = Math.max(shown, start + 0.1);
    return { start, end, text: linesOf(group).join('\n') };
  });
}

function belongs(word: Word, group: readonly Word[]): boolean {
  const first = group[0] ?? word;
  const last = group.at(-1) ?? word;
  if (word.start - last.end > PAUSE_SECONDS || word.end - first.start > LONGEST_SECONDS)
    return false;
  if (/[.!?]$/.test(last.word)) return false;
  return linesOf([...group, word]).length <= LINES;
}

function linesOf(words: readonly Word[]): string[] {
  const lines: string[] = [];
  for (const { word } of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= LINE_CHARACTERS) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** The file a player reads. */
export function toWebVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ start, end, text }) => `${timestamp(start)} --> ${timestamp(end)}\n${escape(text)}`,
  );
  return `${['WEBVTT', ...blocks].join('\n\n')}\n`;
}

/** A blank line would end the cue, and an arrow would begin another. */
const escape = (text: string): string =>
  text
    .replace(/\s*[\r\n]\s*/g, '\n')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

function timestamp(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const whole = `${two(milliseconds / 3_600_000)}:${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}`;
  return `${whole}.${String(milliseconds % 1000).padStart(3, '0')}`;
}

/**
 * Reads captions that somebody wrote: at most 500 KB and 5,000 cues, in order, each ending after it begins.
 * Notes, styles, regions, names, positions and markup are left out. Throws `InvalidCaptions`.
 */
export function parseWebVtt(file: string): Cue[] {
  if (Buffer.byteLength(file) > MAX_BYTES) {
    throw new InvalidCaptions(0, `captions may have at most ${MAX_BYTES / 1000} KB`);
  }
  const lines = file
    .replace(/^\uFEFF/, '')
    .replaceAll('\0', '\uFFFD')
    .split(/\r\n|\n|\r/);
  if (!/^WEBVTT([ \t].*)?$/.test(lines[0] ?? '')) {
    throw new InvalidCaptions(1, 'captions begin with WEBVTT');
  }
  const cues: Cue[] = [];
  for (const block of blocksOf(lines)) {
    const cue = cueIn(block, cues.at(-1));
    if (cue) cues.push(cue);
    if (cues.length > MAX_CUES) {
      throw new InvalidCaptions(block.line, `captions may have at most ${MAX_CUES} cues`);
    }
  }
  return cues;
}

interface Block {
  /** Of its first line, counted from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** What stands between blank lines; the header is not one of them. */
function* blocksOf(lines: readonly string[]): Generator<Block> {
  let begin = lines.findIndex((line) => line === '');
  const early = lines
    .slice(0, begin < 0 ? undefined : begin)
    .findIndex((line) => line.includes('-->'));
  if (early >= 0) throw new InvalidCaptions(early + 1, 'a blank line must stand before a cue');
  if (begin < 0) return;
  while (begin < lines.length) {
    while (lines[begin] === '') begin += 1;
    if (begin >= lines.length) return;
    const blank = lines.indexOf('', begin);
    const end = blank < 0 ? lines.length : blank;
    yield { line: begin + 1, lines: lines.slice(begin, end) };
    begin = end;
  }
}

const TIME = '(?:(\\d{2,}):)?([0-5]\\d):([0-5]\\d)\\.(\\d{3})';
const TIMING = new RegExp(`^[ \\t]*${TIME}[ \\t]+-->[ \\t]+${TIME}(?:[ \\t].*)?$`);

function cueIn({ line, lines }: Block, before: Cue | undefined): Cue | undefined {
  const arrow = lines.findIndex((text) => text.includes('-->'));
  if (arrow < 0) {
    if (/^(NOTE|STYLE|REGION)([ \t]|$)/.test(lines[0] ?? '')) return undefined;
    throw new InvalidCaptions(line, 'a cue needs its times');
  }
  const at = line + arrow;
  // One line before the times is the name of the cue.
  if (arrow > 1) throw new InvalidCaptions(at, 'a blank line must stand before a cue');
  const times = TIMING.exec(lines[arrow] ?? '');
  if (!times) throw new InvalidCaptions(at, 'times look like 00:00:01.000 --> 00:00:02.000');
  const start = secondsOf(times.slice(1, 5));
  const end = secondsOf(times.slice(5, 9));
  if (end <= start) throw new InvalidCaptions(at, 'a cue must end after it begins');
  if (end > MAX_SECONDS) throw new InvalidCaptions(at, 'no video is that long');
  if (before && start < before.start) throw new InvalidCaptions(at, 'cues must be in order');

  const payload = lines.slice(arrow + 1);
  const second = payload.findIndex((text) => text.includes('-->'));
  if (second >= 0)
    throw new InvalidCaptions(at + 1 + second, 'a blank line must stand before a cue');
  const text = plain(payload.join('\n'));
  if (text.length > MAX_CUE_CHARACTERS) {
    throw new InvalidCaptions(at, `a cue may have at most ${MAX_CUE_CHARACTERS} characters`);
  }
  return text ? { start, end, text } : undefined;
}

const secondsOf = ([hours = '0', minutes, seconds, milliseconds]: readonly (
  | string
  | undefined
)[]) =>
  (Number(hours) * 3_600_000 +
    Number(minutes) * 60_000 +
    Number(seconds) * 1000 +
    Number(milliseconds)) /
  1000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': '\u00A0',
  '&lrm;': '\u200E',
  '&rlm;': '\u200F',
};

/** Without markup, and with what stood for a character as that character. */
const plain = (payload: string): string =>
  payload
    .replace(/<[^>]{0,200}>/g, '')
    .replace(/&[a-z]{2,4};/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .trim();
