import { spawn } from 'node:child_process';
import { findProgram } from '#local/packages/install.ts';

export interface Word {
  readonly word: string;
  /** Seconds from the beginning of the recording. */
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

/** What was said between two pauses. */
export type Utterance = readonly Word[];

/** The recording has no sound that can be decoded. */
export class NoAudio extends Error {
  override readonly name = 'NoAudio';
}

const DECODES_WITHIN_MS = 120_000;
const RECOGNISES_WITHIN_MS = 1_200_000;

/** Finds the words in any recording that ffmpeg can decode. Throws `NoAudio`. */
export async function recognise(recording: string, scratch: string): Promise<Utterance[]> {
  const wave = `${scratch}.wav`;
  const decoding = [
    ...['-v', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file'],
    ...['-format_whitelist', 'mov,matroska,webm,flac,wav,mp3,ogg', '-i', `file:${recording}`],
    ...['-map', '0:a:0', '-vn', '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le'],
    ...['-t', '3600', '-f', 'wav', `file:${wave}`],
  ];
  try {
    await run('ffmpeg', decoding, DECODES_WITHIN_MS);
  } catch (cause) {
    throw new NoAudio('Audio data does not appear to be in a supported encoding.', { cause });
  }
  const listening = ['-infile', wave, '-time', 'yes', '-logfn', '/dev/null'];
  return utterancesIn(await run('pocketsphinx_continuous', listening, RECOGNISES_WITHIN_MS));
}

/** The recogniser prints a transcript, then one line for each word: `carrots(2) 4.470 4.960 0.339927`. */
export function utterancesIn(printed: string): Utterance[] {
  const utterances: Word[][] = [];
  for (const line of printed.split('\n')) {
    const [, text = '', start, end, confidence] =
      /^(\S+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line) ?? [];
    if (text === '<s>') utterances.push([]);
    // Pauses, breaths and noises stand in brackets of various kinds.
    if (!/^[a-z]/i.test(text)) continue;
    utterances.at(-1)?.push({
      word: text.replace(/\(\d+\)$/, ''),
      start: Number(start),
      end: Number(end),
      confidence: Math.min(1, Number(confidence)),
    });
  }
  return utterances.filter((words) => words.length > 0);
}

async function run(name: string, args: readonly string[], withinMs: number): Promise<string> {
  const program = findProgram(name);
  if (!program) throw new Error(`${name} is not installed.`);
  const leash = findProgram('setpriv');
  const [command = program, ...rest] = leash
    ? [leash, '--pdeathsig', 'KILL', program, ...args]
    : [program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], timeout: withinMs });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${name} ended with ${code ?? 'a signal'}`);
  return printed;
}
