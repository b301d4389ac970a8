import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from './config.ts';
import { guardedInput, probeVideo, type VideoFacts } from './ffmpeg-probe.ts';
import {
  type Allowance,
  type Rendition,
  runTool,
  ToolFailed,
  TranscodeFailed,
  UnreadableMedia,
} from './ffmpeg-process.ts';

export { normaliseImage } from './ffmpeg-image.ts';
export { checkLimits, probeVideo, type VideoFacts } from './ffmpeg-probe.ts';
export { type Rendition, TranscodeFailed, UnreadableMedia } from './ffmpeg-process.ts';

export interface TranscodeOrder {
  readonly input: string;
  /** Made when it is not there. What is in it afterwards are the renditions, and nothing else. */
  readonly outputDir: string;
  readonly facts: VideoFacts;
  /** How much processor time to spend on smaller files. */
  readonly preset?: 'ultrafast' | 'superfast' | 'veryfast' | 'faster';
  /** Told the finished share, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly timeoutSeconds?: number;
}

/** One step of the ladder: how large a picture may be, and how many bits it may take. */
interface Tier {
  readonly name: string;
  readonly short: number;
  readonly crf: number;
  readonly kilobits: number;
  readonly level: string;
  readonly codec: string;
}

const LADDER: readonly Tier[] = [
  { name: '720p', short: 720, crf: 23, kilobits: 2500, level: '3.1', codec: 'avc1.64001f' },
  { name: '360p', short: 360, crf: 25, kilobits: 800, level: '3.0', codec: 'avc1.64001e' },
];
/** Below this short side the upper step would hardly differ from the lower. */
const WORTH_TWO_STEPS = 432;
const AUDIO_KILOBITS = 96;
const MAX_FPS = 30;
const PREVIEW_SECONDS = 3;
/** A file that is cut short still opens; what it lacks shows only in what comes out. */
const LEAST_MADE = 0.9;

interface Made extends Tier {
  readonly width: number;
  readonly height: number;
  readonly path: string;
}

/**
 * Makes a fast-start MP4, an HLS ladder, a poster and a muted preview. The source is decoded and each size encoded
 * exactly once; all else is copied from those. Throws `TranscodeFailed`, or `UnreadableMedia` when the
 * source turns out to be cut short.
 */
export async function transcode(order: TranscodeOrder): Promise<readonly Rendition[]> {
  const { outputDir, facts, onProgress } = order;
  const tiers = ladderOf(facts, outputDir);
  for (const { name } of tiers) await mkdir(join(outputDir, 'hls', name), { recursive: true });

  await encode(order, tiers);
  const [top] = tiers;
  if (!top) throw new TranscodeFailed('transcode_error', 'the ladder has no step');
  const made = await probeVideo(top.path);
  if (made.durationSeconds < facts.durationSeconds * LEAST_MADE) {
    throw new UnreadableMedia(
      `only ${made.durationSeconds.toFixed(1)} of ${facts.durationSeconds.toFixed(1)} seconds can be played`,
    );
  }
  await repackage(tiers, made, outputDir);
  const renditions = await collect(tiers, made, outputDir);
  onProgress?.(1);
  return renditions;
}

/** Never larger than the source, and never two steps of the same size. */
function ladderOf({ width, height }: VideoFacts, outputDir: string): Made[] {
  const short = Math.min(width, height);
  const steps = short > WORTH_TWO_STEPS ? LADDER : LADDER.slice(-1);
  return steps.map((tier) => {
    const shrink = Math.min(1, tier.short / short, (tier.short * 16) / 9 / Math.max(width, height));
    const path = join(outputDir, `${tier.name}.mp4`);
    return { ...tier, path, width: even(width * shrink), height: even(height * shrink) };
  });
}

const even = (length: number): number => Math.max(2, Math.floor(length / 2 + 1e-6) * 2);

async function encode(order: TranscodeOrder, tiers: readonly Made[]): Promise<void> {
  const { input, facts, preset = 'veryfast', onProgress, timeoutSeconds } = order;
  const onLine = (line: string) => {
    const match = /^out_time_us=(\d+)/.exec(line);
    if (match) onProgress?.(Math.min(0.97, Number(match[1]) / 1e6 / facts.durationSeconds));
  };
  const outputs = tiers.flatMap((tier, index) => [
    ...['-map', `[v${index}]`, ...videoOptions(tier, preset)],
    ...(index === 0 && facts.hasAudio ? AUDIO_OPTIONS : []),
    ...[...PLAIN, '-f', 'mp4', '-movflags', '+faststart', `file:${tier.path}`],
  ]);
  const args = [
    ...['-v', 'error', '-nostdin', '-nostats', '-y', '-progress', 'pipe:1'],
    ...['-t', String(facts.durationSeconds + 1), ...guardedInput(input)],
    ...['-filter_complex', await picture(facts, tiers), ...outputs],
  ];
  await ffmpeg(args, allowanceFor(facts, timeoutSeconds, onLine));
}

/** Each step is scaled from the one above it. */
async function picture(facts: VideoFacts, tiers: readonly Made[]): Promise<string> {
  const [top, low] = tiers;
  if (!top) throw new TranscodeFailed('transcode_error', 'the ladder has no step');
  const uneven = facts.variableRate || facts.fps > MAX_FPS + 0.5;
  const steps = [
    ...(uneven ? [`fps=${MAX_FPS}`] : []),
    ...(facts.hdr ? await toneMapped(top) : []),
    `scale=${top.width}:${top.height}:flags=bilinear`,
    ...['setsar=1', 'format=yuv420p'],
  ];
  const main = `[0:V:0]${steps.join(',')}`;
  if (!low) return `${main}[v0]`;
  return `${main},split[v0][large];[large]scale=${low.width}:${low.height}:flags=bilinear[v1]`;
}

let filters: Promise<string> | undefined;

/** HDR looks washed out without this; builds of ffmpeg that lack the filters do without rather than fail. */
async function toneMapped({ width, height }: Made): Promise<string[]> {
  filters ??= runTool(config().FFMPEG_PATH, ['-v', 'error', '-filters'], SMALL);
  if (!/ zscale /.test(await filters)) return [];
  return [
    `zscale=w=${width}:h=${height}:t=linear:npl=100`,
    ...['format=gbrpf32le', 'zscale=p=bt709', 'tonemap=hable:desat=0'],
    'zscale=t=bt709:m=bt709:r=tv',
  ];
}

const videoOptions = ({ crf, kilobits, level }: Tier, preset: string): string[] => [
  ...['-c:v', 'libx264', '-preset', preset, '-profile:v', 'high', '-level:v', level],
  ...['-crf', String(crf), '-maxrate', `${kilobits}k`, '-bufsize', `${kilobits * 2}k`],
  // All sizes must be cut at the same moments, or a player cannot switch between them.
  ...['-force_key_frames', 'expr:gte(t,n_forced*2)', '-sc_threshold', '0', '-g', '300'],
];

const AUDIO_OPTIONS = [
  ...['-map', '0:a:0', '-c:a', 'aac', '-b:a', `${AUDIO_KILOBITS}k`, '-ac', '2', '-ar', '48000'],
];

/** Where and with what something was filmed is nobody's business. */
const PLAIN = ['-map_metadata', '-1', '-map_chapters', '-1'];

/** What takes next to no time, because nothing but one still is decoded. */
async function repackage(
  tiers: readonly Made[],
  { durationSeconds, hasAudio }: VideoFacts,
  outputDir: string,
): Promise<void> {
  const low = tiers.length - 1;
  const still = tiers.length;
  const at = String(Math.min(1, durationSeconds / 3));
  const maps = tiers.flatMap((_, index) => [
    ...['-map', `${index}:v:0`, ...(hasAudio ? ['-map', '0:a:0'] : [])],
  ]);
  const variants = tiers.map(
    ({ name }, index) => `v:${index},${hasAudio ? `a:${index},` : ''}name:${name}`,
  );
  const args = [
    ...['-v', 'error', '-nostdin', '-nostats', '-y'],
    ...tiers.flatMap(({ path }) => guardedInput(path)),
    ...['-ss', at, '-t', '0.5', ...guardedInput(tiers[0]?.path ?? '')],
    ...[
      ...maps,
      '-c',
      'copy',
      ...PLAIN,
      '-f',
      'hls',
      '-hls_time',
      '4',
      '-hls_playlist_type',
      'vod',
    ],
    ...['-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments'],
    ...['-hls_fmp4_init_filename', 'init.mp4', '-var_stream_map', variants.join(' ')],
    ...['-hls_segment_filename', join(outputDir, 'hls/%v/%03d.m4s')],
    join(outputDir, 'hls/%v/index.m3u8'),
    ...['-map', `${low}:v:0`, '-c', 'copy', '-t', String(PREVIEW_SECONDS), ...PLAIN],
    ...['-f', 'mp4', '-movflags', '+faststart', `file:${join(outputDir, 'preview.mp4')}`],
    ...['-map', `${still}:v:0`, '-frames:v', '1', '-q:v', '4', ...PLAIN, '-f', 'image2'],
    ...['-update', '1', `file:${join(outputDir, 'poster.jpg')}`],
  ];
  await ffmpeg(args, SMALL);
}

async function collect(
  tiers: readonly Made[],
  { durationSeconds, hasAudio }: VideoFacts,
  outputDir: string,
): Promise<Rendition[]> {
  const bitrates: number[] = [];
  for (const { path } of tiers) {
    // The lower steps are encoded without sound, and get that of the first.
    const sound = hasAudio && bitrates.length > 0 ? AUDIO_KILOBITS * 1000 : 0;
    bitrates.push(Math.round(((await stat(path)).size * 8) / durationSeconds) + sound);
  }
  const top = { ...sizeOf(tiers[0]), bitrate: bitrates[0] ?? 0 };
  const low = { ...sizeOf(tiers.at(-1)), bitrate: bitrates.at(-1) ?? 0 };
  const at = (name: string) => ({ name, path: join(outputDir, name) });

  await writeFile(join(outputDir, 'hls/master.m3u8'), masterOf(tiers, bitrates, hasAudio));
  const renditions: Rendition[] = [
    { ...at(`${tiers[0]?.name}.mp4`), kind: 'video', contentType: 'video/mp4', ...top },
    { ...at('hls/master.m3u8'), kind: 'hls-master', contentType: PLAYLIST, ...top },
    { ...at('poster.jpg'), kind: 'poster', contentType: 'image/jpeg', ...top, bitrate: 0 },
    { ...at('preview.mp4'), kind: 'preview', contentType: 'video/mp4', ...low },
  ];
  for (const [index, tier] of tiers.entries()) {
    const size = { ...sizeOf(tier), bitrate: bitrates[index] ?? 0 };
    for (const file of (await readdir(join(outputDir, 'hls', tier.name))).sort()) {
      const kind = file.endsWith('.m3u8') ? 'hls-playlist' : 'hls-part';
      const contentType = kind === 'hls-playlist' ? PLAYLIST : 'video/mp4';
      renditions.push({ ...at(`hls/${tier.name}/${file}`), kind, contentType, ...size });
    }
    if (index > 0) await rm(tier.path);
  }
  return renditions;
}

const PLAYLIST = 'application/vnd.apple.mpegurl';
const sizeOf = (tier: Made | undefined) => ({ width: tier?.width ?? 0, height: tier?.height ?? 0 });

/** Written here, because ffmpeg leaves out the codecs of what it copies and players then guess. */
function masterOf(tiers: readonly Made[], bitrates: readonly number[], hasAudio: boolean): string {
  const sound = hasAudio ? ',mp4a.40.2' : '';
  const variants = tiers.flatMap(({ name, width, height, kilobits, codec }, index) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${(kilobits + AUDIO_KILOBITS) * 1100},AVERAGE-BANDWIDTH=${bitrates[index]},RESOLUTION=${width}x${height},CODECS="${codec}${sound}"`,
    `${name}/index.m3u8`,
  ]);
  return `${['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...variants].join('\n')}\n`;
}

/** Writes what is heard as FLAC, 16 kHz, one channel, which is what a recogniser wants. */
export async function extractAudio(order: {
  readonly input: string;
  readonly output: string;
  readonly facts: VideoFacts;
}): Promise<void> {
  const { input, output, facts } = order;
  const args = [
    ...['-v', 'error', '-nostdin', '-nostats', '-y', '-t', String(facts.durationSeconds + 1)],
    ...[...guardedInput(input), '-map', '0:a:0', '-vn', '-ac', '1', '-ar', '16000'],
    ...[...PLAIN, '-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac', `file:${output}`],
  ];
  await ffmpeg(args, allowanceFor(facts));
}

/** Room for a 4K HDR source, which needs about 500 MB. */
const MEMORY_BYTES = 3_000_000_000;
const SMALL = { seconds: 60, memoryBytes: MEMORY_BYTES, fileBytes: 2_000_000_000 } as const;

/** Far more than a transcoding takes, for whatever hangs; but always less than a function has. */
const allowanceFor = (
  { durationSeconds }: VideoFacts,
  seconds: number = Math.min(500, 60 + durationSeconds * 20),
  onLine: (line: string) => void = () => undefined,
): Allowance => ({ ...SMALL, seconds, onLine });

async function ffmpeg(args: readonly string[], allowance: Allowance): Promise<void> {
  try {
    await runTool(config().FFMPEG_PATH, args, allowance);
  } catch (cause) {
    if (!(cause instanceof ToolFailed)) throw cause;
    throw new TranscodeFailed(cause.timedOut ? 'timeout' : 'transcode_error', cause.message, {
      cause,
    });
  }
}
