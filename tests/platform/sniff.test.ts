import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '#local/clips/clips.ts';
import { sniff } from '#platform/sniff.ts';

let dir: string;
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sniff-'));
  await makeClip({ path: at('clip.mp4'), seconds: 1, width: 64, height: 96, fps: 10 });
  const ffmpeg = (...args: string[]) =>
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', at('clip.mp4'), ...args]);
  ffmpeg('-c', 'copy', at('clip.mov'));
  ffmpeg('-frames:v', '1', at('still.jpg'));
  ffmpeg('-frames:v', '1', at('still.png'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('sniff', () => {
  test.each([
    ['clip.mp4', 'video/mp4'],
    ['clip.mov', 'video/quicktime'],
    ['still.jpg', 'image/jpeg'],
    ['still.png', 'image/png'],
  ])('knows %s by its bytes', async (name, type) => {
    expect(await sniff(at(name))).toBe(type);
  });

  test.each([
    ['a document', '%PDF-1.7\n', 'application/pdf'],
    ['a playlist', '#EXTM3U\n#EXTINF:4,\nfile:///etc/hostname\n', undefined],
    ['nothing', '', undefined],
    ['a page', '<!doctype html><script>alert(1)</script>', undefined],
  ])('is not fooled when %s is called a video', async (_, content, type) => {
    await writeFile(at('posing.mp4'), content);

    expect(await sniff(at('posing.mp4'))).toBe(type);
  });
});
