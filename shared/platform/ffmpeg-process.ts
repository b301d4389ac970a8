import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** One file that was made, ready to be stored under its name. */
export interface Rendition {
  /** Relative to the output folder and unique in it: `hls/720p/001.m4s`. */
  readonly name: string;
  readonly kind:
    | 'video'
    | 'hls-master'
    | 'hls-playlist'
    | 'hls-part'
    | 'poster'
    | 'preview'
    | 'image'
    | 'thumbnail';
  readonly path: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** Bits a second on average; 0 for a still. */
  readonly bitrate: number;
}

/** The bytes are not a video or image that we accept: empty, cut short, of another kind, or built to harm. */
export class UnreadableMedia extends Error {
  override readonly name = 'UnreadableMedia';
}

/** The media was accepted but could not be turned into renditions; trying again may help. */
export class TranscodeFailed extends Error {
  override readonly name = 'TranscodeFailed';
  readonly code: 'transcode_error' | 'timeout';

  constructor(code: 'transcode_error' | 'timeout', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A tool ran and did not succeed. Callers turn it into one of the two errors above. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  readonly timedOut: boolean;

  constructor(message: string, timedOut: boolean) {
    super(message);
    this.timedOut = timedOut;
  }
}

export interface Allowance {
  /** Wall time after which the process is killed. */
  readonly seconds: number;
  /** Address space, which for ffmpeg is two to four times its resident memory. */
  readonly memoryBytes: number;
  /** The largest single file it may write. */
  readonly fileBytes: number;
  /** Receives standard output line by line; without it the output is collected and returned. */
  readonly onLine?: (line: string) => void;
}

const OUTPUT_LIMIT = 1_000_000;
const ERROR_TAIL = 2_000;

/**
 * Runs ffmpeg or ffprobe with nothing of our environment, under limits of the kernel where the machine can set
 * them, and never longer than allowed. Throws `ToolFailed`, or a plain error when the program is not there.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  allowance: Allowance,
): Promise<string> {
  const [command = program, ...rest] = [...leashed(allowance), program, ...args];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', MALLOC_ARENA_MAX: '2' },
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, allowance.seconds * 1000);

  let output = '';
  if (allowance.onLine) createInterface({ input: child.stdout }).on('line', allowance.onLine);
  else {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > OUTPUT_LIMIT) child.kill('SIGKILL');
    });
  }
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-ERROR_TAIL);
  });

  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    },
  ).finally(() => clearTimeout(timer));

  if (code === 0) return output;
  if (code === 126 || code === 127) throw new Error(`cannot run ${program}: ${complaints.trim()}`);
  const reason = complaints.trim().split('\n').at(-1) || `ended with ${signal ?? `exit ${code}`}`;
  throw new ToolFailed(reason, timedOut || signal === 'SIGXCPU');
}

/** The wrappers that make the kernel enforce the allowance, and end the child when we end. */
function leashed({ seconds, memoryBytes, fileBytes }: Allowance): string[] {
  const { setpriv, prlimit } = wrappers();
  return [
    ...(setpriv ? [setpriv, '--pdeathsig', 'KILL'] : []),
    ...(prlimit
      ? [
          prlimit,
          `--as=${memoryBytes}`,
          // Processor time counts every core, so this only ends what the timer could not.
          `--cpu=${Math.ceil(seconds) * 4}`,
          `--fsize=${fileBytes}`,
          '--core=0',
        ]
      : []),
  ];
}

let known: { setpriv: string | undefined; prlimit: string | undefined } | undefined;

/** Both belong to util-linux; a developer's machine of another kind does without. */
const wrappers = () => (known ??= { setpriv: onPath('setpriv'), prlimit: onPath('prlimit') });

const onPath = (program: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
