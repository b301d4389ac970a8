import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { config } from './config.ts';
import { type Rendition, runTool, ToolFailed, UnreadableMedia } from './ffmpeg-process.ts';

/** The largest phone cameras stay below this; decoded, it is 150 MB. */
const MAX_IMAGE_PIXELS = 50_000_000;
const LONGEST_SIDE = 2160;
const THUMBNAIL_SIDE = 320;

const ALLOWANCE = { seconds: 30, memoryBytes: 2_000_000_000, fileBytes: 50_000_000 } as const;

/** The filters that undo each way a camera may have been held (EXIF orientation 1 to 8). */
const UPRIGHT: Readonly<Record<string, readonly string[]>> = {
  '2': ['hflip'],
  '3': ['hflip', 'vflip'],
  '4': ['vflip'],
  '5': ['transpose=0'],
  '6': ['transpose=1'],
  '7': ['transpose=3'],
  '8': ['transpose=2'],
};

const Probed = z.object({
  frames: z
    .array(
      z.object({
        width: z.number(),
        height: z.number(),
        tags: z.object({ Orientation: z.string().optional() }).optional(),
      }),
    )
    .min(1),
});

/**
 * Makes an upright JPEG of at most 2160 pixels a side and a thumbnail, with nothing in them but the picture.
 * Throws `UnreadableMedia` for what is not a JPEG or PNG, or is too large to decode.
 */
export async function normaliseImage(order: {
  readonly input: string;
  readonly outputDir: string;
}): Promise<readonly Rendition[]> {
  const { input, outputDir } = order;
  await mkdir(outputDir, { recursive: true });
  try {
    const format = await formatOf(input);
    const { width, height, orientation } = await probe(input, format);
    const turned = ['5', '6', '7', '8'].includes(orientation);
    const shown = turned ? { width: height, height: width } : { width, height };
    const sizes = {
      image: fit(shown, LONGEST_SIDE),
      thumbnail: fit(shown, THUMBNAIL_SIDE),
    };
    const upright = UPRIGHT[orientation] ?? [];
    await runTool(
      config().FFMPEG_PATH,
      [
        ...['-v', 'error', '-nostdin', '-nostats', '-y', '-noautorotate', ...source(input, format)],
        ...['-filter_complex', filtersOf(format, upright, sizes)],
        ...output('[image]', join(outputDir, 'image.jpg'), 3),
        ...output('[thumbnail]', join(outputDir, 'thumbnail.jpg'), 5),
      ],
      ALLOWANCE,
    );
    return [
      imageAt(outputDir, 'image', sizes.image),
      imageAt(outputDir, 'thumbnail', sizes.thumbnail),
    ];
  } catch (cause) {
    if (
      cause instanceof ToolFailed ||
      cause instanceof z.ZodError ||
      cause instanceof SyntaxError
    ) {
      throw new UnreadableMedia('the file cannot be read as an image', { cause });
    }
    throw cause;
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Format = 'jpeg_pipe' | 'png_pipe';

/** Chosen by us and not by ffmpeg, whose own image reader would follow patterns in names. */
async function formatOf(path: string): Promise<Format> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.toString('hex');
    if (start.startsWith('ffd8ff')) return 'jpeg_pipe';
    if (start === '89504e470d0a1a0a') return 'png_pipe';
  } finally {
    await file.close();
  }
  throw new UnreadableMedia('the file is neither a JPEG nor a PNG');
}

const source = (path: string, format: Format): string[] => [
  ...['-protocol_whitelist', 'file', '-f', format, '-codec_whitelist', 'mjpeg,png'],
  ...['-max_pixels', String(MAX_IMAGE_PIXELS), '-i', `file:${path}`],
];

async function probe(path: string, format: Format): Promise<Size & { orientation: string }> {
  const args = [
    ...['-v', 'error', '-read_intervals', '%+#1', '-of', 'json'],
    ...['-show_entries', 'frame=width,height:frame_tags=Orientation', ...source(path, format)],
  ];
  const { frames } = Probed.parse(
    JSON.parse(await runTool(config().FFPROBE_PATH, args, ALLOWANCE)),
  );
  const [frame] = frames;
  if (!frame) throw new UnreadableMedia('the file holds no picture');
  const orientation = frame.tags?.Orientation?.trim() ?? '1';
  return { width: frame.width, height: frame.height, orientation };
}

function fit({ width, height }: Size, longest: number): Size {
  const shrink = Math.min(1, longest / Math.max(width, height));
  const scaled = (length: number) => Math.max(1, Math.round(length * shrink));
  return { width: scaled(width), height: scaled(height) };
}

/** What is transparent in a PNG becomes white, as on a page; a JPEG would make it black. */
function filtersOf(
  format: Format,
  upright: readonly string[],
  { image, thumbnail }: { image: Size; thumbnail: Size },
): string {
  const opaque =
    format === 'png_pipe'
      ? '[0:v]format=rgba,split[front][back];[back]lutrgb=r=255:g=255:b=255:a=255[white];[white][front]overlay=format=auto'
      : '[0:v]null';
  const steps = [opaque, ...upright, `scale=${image.width}:${image.height}`, 'setsar=1'];
  return `${steps.join(',')},format=yuvj420p,split[image][large];[large]scale=${thumbnail.width}:${thumbnail.height}[thumbnail]`;
}

const output = (label: string, path: string, quality: number): string[] => [
  ...['-map', label, '-frames:v', '1', '-map_metadata', '-1', '-c:v', 'mjpeg'],
  ...['-q:v', String(quality), '-f', 'image2', '-update', '1', `file:${path}`],
];

const imageAt = (
  outputDir: string,
  kind: 'image' | 'thumbnail',
  { width, height }: Size,
): Rendition => ({
  name: `${kind}.jpg`,
  kind,
  path: join(outputDir, `${kind}.jpg`),
  contentType: 'image/jpeg',
  width,
  height,
  bitrate: 0,
});
