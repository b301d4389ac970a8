import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs ffmpeg as a player would meet the file: any error is a failure. */
export const ffmpeg = (...args: string[]): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-nostdin', '-y', ...args], {
    maxBuffer: 64_000_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

export interface Shown {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly codec_name: string;
    readonly width?: number;
    readonly height?: number;
    readonly pix_fmt?: string;
    readonly sample_rate?: string;
    readonly channels?: number;
    readonly r_frame_rate: string;
  }[];
  readonly format: { readonly duration: string; readonly tags?: Record<string, string> };
}

export const show = (path: string): Shown =>
  JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', path], {
      encoding: 'utf8',
    }),
  );

/** Decodes everything, and says how many seconds that were. */
export function playedSeconds(path: string): number {
  const told = ffmpeg('-progress', 'pipe:1', '-i', path, '-map', '0', '-f', 'null', '-').toString();
  return Number(/out_time_us=(\d+)\n(?![\s\S]*out_time_us)/.exec(told)?.[1]) / 1e6;
}

/** Tells the colour at any place of a picture, as red, green and blue. */
export function pixelsOf(path: string, width: number) {
  const raw = ffmpeg('-noautorotate', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-');
  return (x: number, y: number): readonly number[] =>
    [...raw.subarray((y * width + x) * 3)].slice(0, 3);
}

/** The names of the outermost boxes of an MP4, in order. */
export function boxesOf(path: string): string[] {
  const bytes = readFileSync(path);
  const names: string[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    names.push(bytes.toString('latin1', at + 4, at + 8));
    at += Math.max(8, bytes.readUInt32BE(at));
  }
  return names;
}

/** `avc1.64001f` as the stream itself says it. */
export function codecOf(initPath: string): string {
  const bytes = readFileSync(initPath);
  const at = bytes.indexOf('avcC') + 5;
  return `avc1.${bytes.toString('hex', at, at + 3)}`;
}

/** A JPEG as a phone writes it: which way up it was held, and where it was taken. */
export function withExif(jpeg: Buffer, orientation: number): Buffer {
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    if (type === 3) bytes.writeUInt16BE(value, 8);
    else bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const place = Buffer.from('SECRETPLACE\0', 'latin1');
  const head = Buffer.from('4d4d002a00000008', 'hex');
  const directory = [entry(0x0112, 3, 1, orientation), entry(0x010e, 2, place.length, 38)];
  const tiff = Buffer.concat([head, Buffer.from([0, 2]), ...directory, Buffer.alloc(4), place]);
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, content, jpeg.subarray(2)]);
}
