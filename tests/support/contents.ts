/** Files and contents as the pipeline leaves them, without waiting for the pipeline. */
import { randomUUID } from 'node:crypto';
import { type AssetStatus, MediaAssets } from '#domain/media/media-asset.model.ts';
import {
  MediaAudible,
  MediaFailed,
  MediaReady,
  MediaRejected,
  MediaUploaded,
} from '#domain/media/media-events.ts';
import type { MediaPurpose } from '#domain/media/media-limits.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import type { Person } from './people.ts';

const rendition = (kind: string, object: string) => ({
  kind,
  object,
  contentType: 'video/mp4',
  width: 720,
  height: 1280,
  bitrate: 1_000_000,
});

const madeOf = (folder: string) => ({
  renditions: [
    rendition('video', `${folder}/video.mp4`),
    rendition('hls-master', `${folder}/master.m3u8`),
    rendition('poster', `${folder}/poster.jpg`),
  ],
  actual: { bytes: 1000, mime: 'video/mp4', sha256: 'a'.repeat(64), durationMs: 6000 },
});

/** An asset of somebody's, ready unless said. */
export async function anAsset(
  owner: Person,
  { status = 'ready', purpose = 'video' }: { status?: AssetStatus; purpose?: MediaPurpose } = {},
): Promise<string> {
  const folder = `videos/${owner.id}/${randomUUID()}`;
  const [asset] = await MediaAssets.create([
    {
      owner: toId(owner.id),
      purpose,
      bucket: 'uploads',
      object: folder,
      declared: { bytes: 1000, mime: 'video/mp4' },
      status,
      ...(status === 'ready' && (madeOf(folder) as object)),
    },
  ]);
  return String(asset?._id);
}

const ENDS = { ready: MediaReady, rejected: MediaRejected, failed: MediaFailed } as const;

/** What the pipeline does at its end: the status, and the event that tells of it. */
export async function assetBecomes(assetId: string, status: keyof typeof ENDS): Promise<void> {
  const id: Id<'media'> = toId(assetId);
  await transaction(async () => {
    const asset = await MediaAssets.findOneAndUpdate(
      { _id: id },
      {
        $set: {
          status,
          ...(status === 'ready' ? madeOf(`videos/${assetId}`) : { failureCode: 'unreadable' }),
        } as object,
      },
    ).lean();
    if (!asset) throw new Error(`no asset ${assetId}`);
    const data = { assetId: id, ownerId: asset.owner, purpose: asset.purpose, code: 'unreadable' };
    await publish(ENDS[status], data, { now: clock.now() });
  });
}

/** All bytes have arrived; that nothing lies at their address will be found out. */
export const assetIsUploaded = (assetId: string): Promise<void> =>
  tellOf(assetId, { status: 'uploaded' }, MediaUploaded);

/** What is said in a video can be heard, while its pictures are still being made. */
export const assetIsAudible = (assetId: string): Promise<void> =>
  tellOf(assetId, { audio: `${assetId}.flac` }, MediaAudible);

async function tellOf(
  assetId: string,
  change: object,
  event: typeof MediaUploaded | typeof MediaAudible,
): Promise<void> {
  const id: Id<'media'> = toId(assetId);
  await transaction(async () => {
    const asset = await MediaAssets.findOneAndUpdate({ _id: id }, { $set: change }).lean();
    if (!asset) throw new Error(`no asset ${assetId}`);
    const data = { assetId: id, ownerId: asset.owner, purpose: asset.purpose };
    await publish(event, data, { now: clock.now() });
  });
}

/** A published content; returns its id. */
export async function aContent(
  creator: Person,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const assetId = await anAsset(creator);
  const { status, body } = await creator.post('/api/content', {
    assetId,
    caption: 'Hello',
    ...facts,
  });
  if (status !== 201) throw new Error(`content: ${status} ${JSON.stringify(body)}`);
  return String(body['content']?.['id']);
}
