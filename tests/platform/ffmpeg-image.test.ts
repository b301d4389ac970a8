import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBadClip } from '#local/clips/clips.ts';
import { normaliseImage, UnreadableMedia } from '#platform/ffmpeg.ts';
import { completeEnvironment } from '../support/place.ts';
import { ffmpeg, pixelsOf, show, withExif } from './ffmpeg.support.ts';

let dir: string;
const at = (name: string) => join(dir, name);
const normalised = (name: string) =>
  normaliseImage({ input: at(name), outputDir: at(`${name}-out`) });

beforeAll(async () => {
  Object.assign(process.env, completeEnvironment);
  dir = await mkdtemp(join(tmpdir(), 'image-'));
  // Red on the left, blue on the right; the top of both is brighter.
  ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'color=red:s=64x64:d=1',
      '-f',
      'lavfi',
      '-i',
      'color=blue:s=64x64:d=1',
    ],
    ...[
      '-filter_complex',
      '[0][1]hstack,drawbox=t=fill:h=16:c=white',
      '-frames:v',
      '1',
      at('flat.jpg'),
    ],
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const nameOf = ([red = 0, green = 0, blue = 0]: readonly number[]): string => {
  if (red > 200 && green > 200 && blue > 200) return 'white';
  if (red > 150 && blue < 100) return 'red';
  return blue > 150 && red < 100 ? 'blue' : `${red},${green},${blue}`;
};

describe('a picture', () => {
  test('becomes a JPEG and a thumbnail of bounded size', async () => {
    ffmpeg('-f', 'lavfi', '-i', 'color=green:s=3000x1500:d=1', '-frames:v', '1', at('wide.png'));

    const [image, thumbnail] = await normalised('wide.png');

    expect(image).toMatchObject({ kind: 'image', width: 2160, height: 1080 });
    expect(thumbnail).toMatchObject({ kind: 'thumbnail', width: 320, height: 160 });
    for (const made of [image, thumbnail]) {
      expect(show(made?.path ?? '').streams).toEqual([
        expect.objectContaining({ codec_name: 'mjpeg', width: made?.width, height: made?.height }),
      ]);
    }
  });

  // Where the bright edge lies, and the two colours along its opposite, from left to right or top to bottom.
  test.each([
    [1, 'top', ['red', 'blue']],
    [2, 'top', ['blue', 'red']],
    [3, 'bottom', ['blue', 'red']],
    [4, 'bottom', ['red', 'blue']],
    [5, 'left', ['red', 'blue']],
    [6, 'right', ['red', 'blue']],
    [7, 'right', ['blue', 'red']],
    [8, 'left', ['blue', 'red']],
  ])('held as EXIF says by %i stands upright', async (orientation, edge, colours) => {
    const name = `held-${orientation}.jpg`;
    await writeFile(at(name), withExif(readFileSync(at('flat.jpg')), orientation));

    const [image] = await normalised(name);

    const { path = '', width = 0, height = 0 } = image ?? {};
    const edges = {
      top: [width / 2, 4],
      bottom: [width / 2, height - 8],
      left: [4, height / 2],
      right: [width - 8, height / 2],
    };
    const [x = 0, y = 0] = edges[edge as keyof typeof edges];
    const across = width > height;
    const colour = pixelsOf(path, width);
    expect([width, height]).toEqual(orientation < 5 ? [128, 64] : [64, 128]);
    expect(nameOf(colour(x, y))).toBe('white');
    expect([
      nameOf(across ? colour(30, 32) : colour(32, 30)),
      nameOf(across ? colour(96, 32) : colour(32, 96)),
    ]).toEqual(colours);
  });

  test('keeps nothing but what can be seen', async () => {
    await writeFile(at('placed.jpg'), withExif(readFileSync(at('flat.jpg')), 1));

    const made = await normalised('placed.jpg');

    expect(readFileSync(at('placed.jpg'), 'latin1')).toContain('SECRETPLACE');
    for (const { path } of made) expect(readFileSync(path, 'latin1')).not.toMatch(/Exif|SECRET/);
  });

  test('that is transparent lies on white', async () => {
    const clear = 'color=black@0.0:s=40x40:d=1,format=rgba';
    ffmpeg('-f', 'lavfi', '-i', clear, '-frames:v', '1', at('clear.png'));

    const [image] = await normalised('clear.png');

    expect(nameOf(pixelsOf(image?.path ?? '', 40)(20, 20))).toBe('white');
  });

  test('of 12,000 x 12,000 is refused before it is decoded', async () => {
    await makeBadClip('bombImage', at('bomb.png'));
    const jpeg = readFileSync(at('flat.jpg'));
    // The size stands behind the marker that begins the frame.
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(12_000, frame + 5);
    jpeg.writeUInt16BE(12_000, frame + 7);
    await writeFile(at('bomb.jpg'), jpeg);

    await expect(normalised('bomb.png')).rejects.toBeInstanceOf(UnreadableMedia);
    await expect(normalised('bomb.jpg')).rejects.toBeInstanceOf(UnreadableMedia);
  });

  test.each([
    ['empty', ''],
    ['a drawing with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['a list of other files', 'ffconcat version 1.0\nfile /etc/hostname\n'],
    ['only the beginning of one', '\x89PNG\r\n\x1a\n'],
  ])('that is %s is refused', async (_, content) => {
    await writeFile(at('posing.png'), content, 'latin1');

    await expect(normalised('posing.png')).rejects.toBeInstanceOf(UnreadableMedia);
  });
});
