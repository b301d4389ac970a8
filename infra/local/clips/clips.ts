import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';
import { EICAR } from '#local/clamav/eicar.ts';
import { findProgram } from '#local/packages/install.ts';

const run = promisify(execFile);

export interface ClipOrder {
  readonly path: string;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** English text that a voice speaks from the beginning. */
  readonly speech?: string;
  /** Without it: speech when there is text to speak, else a soft tone. */
  readonly audio?: 'speech' | 'tone' | 'none';
  /** Any number; the same number gives the same picture. */
  readonly look?: number;
}

const made = new Map<string, Promise<string>>();

/** Makes a real, playable clip of a colourful moving picture without text; the same order twice is copied. */
export async function makeClip(order: ClipOrder): Promise<void> {
  const { path, ...looks } = order;
  const key = JSON.stringify(Object.entries(looks).sort());
  await mkdir(dirname(path), { recursive: true });
  const before = await made.get(key)?.catch(() => undefined);
  if (before) {
    const copied = await copyFile(before, path, constants.COPYFILE_FICLONE).then(
      () => true,
      () => before === path,
    );
    if (copied) return;
  }
  const making = render(order).then(() => path);
  made.set(key, making);
  await making;
}

/** Makes a square JPEG of a colourful picture; the same number gives the same one. */
export async function makePicture(path: string, look: number): Promise<void> {
  const still = { path, seconds: 1, fps: 1, width: SIDE, height: SIDE, look };
  await ffmpeg(['-f', 'lavfi', '-i', picture(still), '-frames:v', '1', '-q:v', '3', path]);
}
const SIDE = 1080;

async function render(order: ClipOrder): Promise<void> {
  const { path, seconds, speech = '', audio = speech ? 'speech' : 'tone' } = order;
  const scratch = await mkdtemp(join(tmpdir(), 'clip-'));
  try {
    const voice = join(scratch, 'voice.wav');
    if (audio === 'speech') await speak(speech, voice);
    const sound = {
      speech: ['-i', voice, '-af', 'apad'],
      tone: ['-f', 'lavfi', '-i', `sine=frequency=${220 + 20 * ((order.look ?? 0) % 12)}`],
      none: [],
    }[audio];
    await ffmpeg([
      ...['-f', 'lavfi', '-i', picture(order), ...sound, '-map', '0:v'],
      ...(audio === 'none' ? [] : ['-map', '1:a', '-c:a', 'aac', '-b:a', '96k', '-ar', '44100']),
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '26', '-pix_fmt', 'yuv420p'],
      ...['-t', String(seconds), '-movflags', '+faststart', path],
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Drawn small and enlarged, because drawing is what takes the time. */
function picture({ seconds, width, height, fps, look = 0 }: ClipOrder): string {
  const shrink = Math.min(1, 320 / Math.max(width, height));
  const [w, h] = [width, height].map((side) => Math.max(16, Math.round((side * shrink) / 2) * 2));
  const inset = Math.round(Math.min(w ?? 16, h ?? 16) / 4) * 2;
  const kind = ['linear', 'radial', 'circular', 'spiral'][look % 4] ?? 'linear';
  const path = `x='(W-w)*(0.5+0.4*sin(t*${1 + (look % 3) / 3}))':y='(H-h)*(0.5+0.4*cos(t))'`;
  return [
    `gradients=s=${w}x${h}:r=${fps}:d=${seconds}:n=5:speed=0.02:seed=${look + 1}:type=${kind}[back]`,
    `mandelbrot=s=${inset}x${inset}:r=${fps}:maxiter=100[front]`,
    `[back][front]overlay=${path}:eof_action=endall,hue=h=${(look * 47) % 360},scale=${width}:${height}:flags=fast_bilinear,format=yuv420p`,
  ].join(';');
}

/** Of the voices we tried, the recogniser understands this one best. */
async function speak(text: string, path: string): Promise<void> {
  await run(program('flite'), ['-voice', 'rms', '-t', text, '-o', path]);
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  await run(program('ffmpeg'), ['-v', 'error', '-nostdin', '-y', ...args]);
}

function program(name: string): string {
  const found = findProgram(name);
  if (!found) throw new Error(`${name} is not installed.`);
  return found;
}

/** Uploads that must not get through, and what is wrong with each. */
export interface BadClips {
  /** A document that calls itself a video. */
  readonly wrongMagic: string;
  /** A playable video with the harmless test virus behind its end. */
  readonly infected: string;
  /** Says four seconds, and holds about one of them. */
  readonly truncated: string;
  /** Allowed, but easy to stumble over. */
  readonly silent: string;
  /** One frame of 12,000 x 12,000, half a megabyte on disk and 800 in memory. */
  readonly bomb: string;
  /** A PNG of the same size; in this form, 2 KB. */
  readonly bombImage: string;
  /** An hour of nothing, 50 KB. */
  readonly hour: string;
  readonly empty: string;
  /** A playlist that names a file of the machine it is read on. */
  readonly playlist: string;
}

const MAKERS: Readonly<Record<keyof BadClips, (path: string) => Promise<void>>> = {
  wrongMagic: (path) => writeFile(path, `%PDF-1.7\n${'not a video\n'.repeat(200)}`),
  infected: async (path) => {
    await makeClip({ ...SMALL, path });
    await appendFile(path, EICAR);
  },
  truncated: async (path) => {
    await makeClip({ ...SMALL, path, seconds: 4, audio: 'none', look: 3 });
    const { size } = await stat(path);
    await truncate(path, Math.round(size * 0.35));
  },
  silent: (path) => makeClip({ ...SMALL, path, audio: 'none' }),
  bomb: (path) =>
    ffmpeg([
      ...['-f', 'lavfi', '-i', 'color=c=red:s=12000x12000:r=1', '-frames:v', '1'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', path],
    ]),
  bombImage: (path) => writeFile(path, hugePng(12_000)),
  hour: (path) =>
    ffmpeg([
      ...['-f', 'lavfi', '-i', 'color=c=blue:s=32x32:r=1', '-t', '3600'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-movflags', '+faststart', path],
    ]),
  empty: (path) => writeFile(path, ''),
  playlist: (path) =>
    writeFile(path, '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/hostname\n'),
};

const SMALL = { seconds: 2, width: 180, height: 320, fps: 15, look: 1 } as const;

/** A black square; rows of nothing compress a thousandfold, twice over. */
function hugePng(side: number): Buffer {
  const part = (type: string, content: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(content.length);
    ends.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [part('IHDR', header), part('IDAT', rows), part('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

/** Makes one of them. */
export const makeBadClip = (kind: keyof BadClips, path: string): Promise<void> =>
  MAKERS[kind](path);

/** Makes all of them in a folder, and says where. */
export async function badClips(dir: string): Promise<BadClips> {
  await mkdir(dir, { recursive: true });
  const at = (name: keyof BadClips) => join(dir, `${name}.${name === 'bombImage' ? 'png' : 'mp4'}`);
  const clip = async (name: keyof BadClips) => {
    await makeBadClip(name, at(name));
    return at(name);
  };
  return {
    wrongMagic: await clip('wrongMagic'),
    infected: await clip('infected'),
    truncated: await clip('truncated'),
    silent: await clip('silent'),
    bomb: await clip('bomb'),
    bombImage: await clip('bombImage'),
    hour: await clip('hour'),
    empty: await clip('empty'),
    playlist: await clip('playlist'),
  };
}
