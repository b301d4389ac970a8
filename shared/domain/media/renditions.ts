import { config } from '#platform/config.ts';
import { normaliseImage, type Rendition, transcode, type VideoFacts } from '#platform/ffmpeg.ts';
import { uploadFile } from '#platform/storage.ts';
import { type Asset, audioObjectOf, folderOf } from './assets.ts';
import type { StoredRendition } from './media-asset.model.ts';

/** Long enough for a feed, short enough that what was taken down disappears. */
const CACHED = 'public, max-age=86400';
const AT_ONCE = 6;

interface Order {
  readonly input: string;
  readonly outputDir: string;
  /** Of a video; absent for an image. */
  readonly facts: VideoFacts | undefined;
  readonly onProgress: (share: number) => void;
}

export const makeRenditions = ({
  input,
  outputDir,
  facts,
  onProgress,
}: Order): Promise<readonly Rendition[]> =>
  facts ? transcode({ input, outputDir, facts, onProgress }) : normaliseImage({ input, outputDir });

/** Stores everything that was made, and tells of what is asked for by itself. */
export async function storeRenditions(
  asset: Asset,
  made: readonly Rendition[],
): Promise<StoredRendition[]> {
  const { MEDIA_BUCKET: bucket } = config();
  const objectOf = ({ name }: Rendition) => `${folderOf(asset)}/${name}`;
  const left = made.values();
  const worker = async () => {
    for (const rendition of left) {
      const { path, contentType } = rendition;
      const object = objectOf(rendition);
      await uploadFile({ bucket, object, path, contentType, cacheControl: CACHED });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return made
    .filter(({ kind }) => kind !== 'hls-playlist' && kind !== 'hls-part')
    .map((rendition) => {
      const { kind, contentType, width, height, bitrate } = rendition;
      return { kind, object: objectOf(rendition), contentType, width, height, bitrate };
    });
}

/** Stores what is heard where only a recogniser reads it. */
export async function storeAudio(asset: Asset, path: string): Promise<string> {
  const object = audioObjectOf(asset);
  const bucket = config().CAPTIONS_BUCKET;
  await uploadFile({ bucket, object, path, contentType: 'audio/flac' });
  return object;
}
