import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { config } from './config.ts';
import { runTool, ToolFailed, UnreadableMedia } from './ffmpeg-process.ts';

/** What is true of a video before it is touched. */
export interface VideoFacts {
  readonly durationSeconds: number;
  /** As a viewer sees it, after rotation. */
  readonly width: number;
  readonly height: number;
  /** The average number of frames a second. */
  readonly fps: number;
  /** Frames come unevenly, as in screen recordings. */
  readonly variableRate: boolean;
  readonly hasAudio: boolean;
  readonly videoCodec: string;
  readonly audioCodec: string | undefined;
  readonly bytes: number;
  /** Brighter than an ordinary screen: must be tone-mapped. */
  readonly hdr: boolean;
}

export interface VideoLimits {
  readonly maxSeconds: number;
  readonly maxBytes: number;
}

/** Larger than 4K of any shape; one frame of it is 25 MB in memory. */
export const MAX_VIDEO_PIXELS = 4096 * 4096;
const MAX_FPS = 240;
const MAX_SIDE_RATIO = 8;

const CONTAINERS = 'mov,matroska,webm';
const VIDEO_CODECS = ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mpeg4', 'mjpeg', 'prores', 'h263'];
const AUDIO_CODECS = [
  ...['aac', 'mp3', 'opus', 'vorbis', 'flac', 'alac', 'ac3', 'eac3', 'amr_nb', 'amr_wb'],
  ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_f32le', 'pcm_alaw', 'pcm_mulaw'],
];
/** The decoders ffmpeg may open: those of the codecs above, under the names decoders have. */
const DECODERS = [
  ...VIDEO_CODECS,
  ...AUDIO_CODECS,
  ...['libdav1d', 'libvpx', 'libvpx-vp9', 'mp3float', 'amrnb', 'amrwb', 'libopus'],
].join(',');

/** Options that stand before an input we were given by somebody: no other formats, no network, no bombs. */
export const guardedInput = (path: string, maxPixels: number = MAX_VIDEO_PIXELS): string[] => [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  CONTAINERS,
  '-codec_whitelist',
  DECODERS,
  '-max_pixels',
  String(maxPixels),
  '-i',
  `file:${path}`,
];

const Stream = z.object({
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  duration: z.string().optional(),
  color_transfer: z.string().optional(),
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
type Stream = z.infer<typeof Stream>;

const Probed = z.object({
  streams: z.array(Stream).default([]),
  format: z.object({ duration: z.string().optional() }).default({}),
});

const SHOWN = [
  'format=duration',
  'stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,duration,color_transfer',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':');

/** Reads what a video is without decoding more than its first frames. Throws `UnreadableMedia`. */
export async function probeVideo(path: string): Promise<VideoFacts> {
  const { size: bytes } = await stat(path);
  if (bytes === 0) throw new UnreadableMedia('the file is empty');

  const { streams, format } = await ffprobe(path);
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic,
  );
  if (!video?.width || !video.height) throw new UnreadableMedia('the file holds no picture');
  const videoCodec = video.codec_name ?? 'unknown';
  if (!VIDEO_CODECS.includes(videoCodec)) throw new UnreadableMedia(`${videoCodec} is no video`);
  if (video.width * video.height > MAX_VIDEO_PIXELS) {
    throw new UnreadableMedia(`${video.width}x${video.height} is more than we decode`);
  }

  const audioCodec = streams.find(({ codec_type }) => codec_type === 'audio')?.codec_name;
  const durationSeconds =
    secondsOf(format.duration) ?? secondsOf(video.duration) ?? (await measuredSeconds(path));
  const average = rateOf(video.avg_frame_rate);
  const nominal = rateOf(video.r_frame_rate);
  const turned = Math.abs(rotationOf(video)) % 180 === 90;
  return {
    durationSeconds,
    width: turned ? video.height : video.width,
    height: turned ? video.width : video.height,
    fps: average || nominal,
    variableRate: average === 0 || Math.abs(nominal - average) > average / 50,
    hasAudio: audioCodec !== undefined && AUDIO_CODECS.includes(audioCodec),
    videoCodec,
    audioCodec,
    bytes,
    hdr: ['smpte2084', 'arib-std-b67'].includes(video.color_transfer ?? ''),
  };
}

/** Why a video is refused, in the words of the asset's `rejected` codes; undefined when it is welcome. */
export function checkLimits(
  { durationSeconds, bytes, width, height, fps }: VideoFacts,
  { maxSeconds, maxBytes }: VideoLimits,
): 'too_long' | 'too_large' | 'unreadable' | undefined {
  if (bytes > maxBytes) return 'too_large';
  if (durationSeconds > maxSeconds) return 'too_long';
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  if (short < 16 || long / short > MAX_SIDE_RATIO || long * short > MAX_VIDEO_PIXELS) {
    return 'unreadable';
  }
  return fps > 0 && fps <= MAX_FPS && durationSeconds > 0 ? undefined : 'unreadable';
}

async function ffprobe(path: string): Promise<z.infer<typeof Probed>> {
  const args = [
    ...['-v', 'error', '-probesize', '20M', '-analyzeduration', '10M'],
    ...['-show_entries', SHOWN, '-of', 'json'],
    ...guardedInput(path),
  ];
  try {
    return Probed.parse(JSON.parse(await runTool(config().FFPROBE_PATH, args, PROBE)));
  } catch (cause) {
    if (
      cause instanceof ToolFailed ||
      cause instanceof z.ZodError ||
      cause instanceof SyntaxError
    ) {
      throw new UnreadableMedia('the file cannot be read as a video', { cause });
    }
    throw cause;
  }
}

/** Reading headers needs little; whoever needs more has been sent to hurt us. */
const PROBE = { seconds: 20, memoryBytes: 1_500_000_000, fileBytes: 0 };

/** The length of a file that does not declare one, as browsers record them: all packets are read, none decoded. */
async function measuredSeconds(path: string): Promise<number> {
  let microseconds = 0;
  const onLine = (line: string) => {
    const match = /^out_time_us=(\d+)/.exec(line);
    if (match) microseconds = Number(match[1]);
  };
  const args = [
    ...['-v', 'error', '-nostdin', '-nostats', '-progress', 'pipe:1'],
    ...guardedInput(path),
    ...['-map', '0:V:0', '-c', 'copy', '-f', 'null', '-'],
  ];
  await runTool(config().FFMPEG_PATH, args, { ...PROBE, onLine }).catch((cause: unknown) => {
    if (cause instanceof ToolFailed) throw new UnreadableMedia('the file has no end', { cause });
    throw cause;
  });
  if (microseconds === 0) throw new UnreadableMedia('the file holds no moving picture');
  return microseconds / 1e6;
}

function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text ?? 'none');
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/** `30000/1001` as a number; 0 when unknown. */
function rateOf(fraction: string | undefined): number {
  const [over = Number.NaN, under = 1] = (fraction ?? '').split('/').map(Number);
  const rate = over / under;
  return Number.isFinite(rate) ? rate : 0;
}

const rotationOf = ({ side_data_list }: Stream): number =>
  side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
