import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeClip } from '#local/clips/clips.ts';
import { intention, newcomer, type Person } from '#local/demo/people.ts';
import { until } from '#local/demo/script.ts';
import { findProgram } from '#local/packages/install.ts';
import { figure, inTurns, type Row } from '../support/row.ts';
import { useHost } from '../support/world.ts';

const ROUNDS = 2;
const SPOKEN =
  'welcome to my kitchen today we are making fresh bread with flour water and salt then we wait an hour and bake it until it is brown';
const CLIP = { seconds: 15, width: 1080, height: 1920, fps: 30, speech: SPOKEN } as const;
const WITHIN_SECONDS = 240;

/** What the whole way of a video costs beyond the work that nobody can save. */
export const pipeline: Row = {
  name: 'pipeline',
  about:
    'A 15 s clip of 1080×1920 with speech, from the first byte of its upload to published with captions (scan, checks, storage, events and database included), against ffmpeg and the recogniser one after another in a shell, with the same outputs.',
  run: async (say) => {
    const dir = await mkdtemp(join(tmpdir(), 'mixillo-clip-'));
    try {
      const clip = join(dir, 'clip.mp4');
      await makeClip({ path: clip, ...CLIP });
      const { url } = await useHost(true);
      const person = await newcomer(url, 'bench');
      say('  the clip is made');
      const seconds = await inTurns(
        ROUNDS,
        () => timed(() => publish(person, clip)),
        () => timed(() => byHand(clip, join(dir, randomUUID()))),
      );
      return [figure('published with captions', 's', seconds, (value) => value, { atMost: 1.25 })];
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

/** Runs what was prepared and resolves with its seconds. */
async function timed(prepare: () => Promise<() => Promise<void>>): Promise<number> {
  const work = await prepare();
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function publish({ client }: Person, clip: string): Promise<() => Promise<void>> {
  const bytes = await readFile(clip);
  const wish = { purpose: 'video', bytes: bytes.length, mime: 'video/mp4' } as const;
  const { asset, upload } = await client.mediaCreateUpload(wish, intention());
  return async () => {
    const { method, headers } = upload;
    const { ok, status } = await fetch(upload.url, { method, headers, body: bytes });
    if (!ok) throw new Error(`upload: ${status}`);
    const { content } = await client.contentCreate({ assetId: asset.id, caption: 'Bread' });
    await until(
      'published with captions',
      WITHIN_SECONDS,
      () => client.contentGet({ id: content.id }),
      (seen) => seen.content.status === 'published' && seen.content.captions.length > 0,
    );
  };
}

const run = promisify(execFile);

const ffmpeg = (args: string, ...more: readonly string[]): Promise<unknown> =>
  run(findProgram('ffmpeg') ?? 'ffmpeg', [
    ...['-v', 'error', '-nostdin', '-y'],
    ...args.split(' '),
    ...more,
  ]);

/** The commands of shared/platform/ffmpeg.ts, as somebody would type them. */
async function byHand(clip: string, dir: string): Promise<() => Promise<void>> {
  for (const step of ['720p', '360p']) await mkdir(join(dir, 'hls', step), { recursive: true });
  const [top, low, wave] = ['720p.mp4', '360p.mp4', 'audio.wav'].map((name) => join(dir, name));
  const frames = '-force_key_frames expr:gte(t,n_forced*2) -sc_threshold 0 -g 300';
  const h264 = (level: string, crf: number, rate: number) =>
    `-c:v libx264 -preset veryfast -profile:v high -level:v ${level} -crf ${crf} -maxrate ${rate}k -bufsize ${rate * 2}k ${frames} -movflags +faststart`;
  const scaled =
    '[0:v]scale=720:1280:flags=bilinear,setsar=1,format=yuv420p,split[v0][large];[large]scale=360:640:flags=bilinear[v1]';
  return async () => {
    await ffmpeg(
      `-i ${clip} -filter_complex ${scaled} -map [v0] ${h264('3.1', 23, 2500)} -map 0:a:0 -c:a aac -b:a 96k -ac 2 -ar 48000 ${top} -map [v1] ${h264('3.0', 25, 800)} ${low}`,
    );
    await ffmpeg(
      `-i ${top} -i ${low} -map 0:v:0 -map 0:a:0 -map 1:v:0 -map 0:a:0 -c copy -f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments -hls_fmp4_init_filename init.mp4 -master_pl_name master.m3u8`,
      ...['-var_stream_map', 'v:0,a:0,name:720p v:1,a:1,name:360p'],
      ...['-hls_segment_filename', `${dir}/hls/%v/%03d.m4s`, `${dir}/hls/%v/index.m3u8`],
    );
    await ffmpeg(`-i ${low} -map 0:v:0 -c copy -t 3 -movflags +faststart ${dir}/preview.mp4`);
    await ffmpeg(`-ss 1 -i ${top} -frames:v 1 -q:v 4 -update 1 ${dir}/poster.jpg`);
    await ffmpeg(`-i ${clip} -vn -ac 1 -ar 16000 -c:a pcm_s16le ${wave}`);
    const recogniser = findProgram('pocketsphinx_continuous') ?? 'pocketsphinx_continuous';
    await run(recogniser, ['-infile', wave ?? '', '-time', 'yes', '-logfn', '/dev/null']);
  };
}
