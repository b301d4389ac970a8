import { z } from 'zod';
import { IdText } from '#platform/id.ts';
import { unseal } from '#platform/seal.ts';
import { noteUploading } from './asset-state.ts';
import { type Asset, AWAITED, mediaUrls } from './assets.ts';
import { ASSET_STATUSES } from './media-asset.model.ts';
import { FAILURES, REJECTIONS, sentenceFor } from './media-codes.ts';
import { PURPOSES } from './media-limits.ts';
import { receivedBytes } from './uploads.ts';

const codes = [...Object.keys(REJECTIONS), ...Object.keys(FAILURES)];

/** What an owner may know of an asset, and all they need to go on with it. */
export const MediaStatus = z.object({
  id: IdText,
  status: z.enum(ASSET_STATUSES),
  purpose: z.enum(PURPOSES),
  /** Percent of the work that follows the upload. */
  progress: z.int(),
  failureCode: z.enum(codes).nullable(),
  /** One sentence for a person. */
  failure: z.string().nullable(),
  /** It can be tried again without a new upload, by completing it once more. */
  retryable: z.boolean(),
  /** Present while bytes are awaited; the upload goes on at `receivedBytes`. */
  upload: z
    .object({
      url: z.url().nullable(),
      receivedBytes: z.int(),
      totalBytes: z.int(),
      expiresAt: z.iso.datetime().nullable(),
    })
    .nullable(),
  videoUrl: z.url().nullable(),
  posterUrl: z.url().nullable(),
  imageUrl: z.url().nullable(),
  createdAt: z.iso.datetime(),
});
export type MediaStatus = z.infer<typeof MediaStatus>;

/** How an asset is doing, with how far its upload is. */
export async function mediaStatusOf(asset: Asset): Promise<MediaStatus> {
  const { _id, purpose, progress, failureCode, createdAt, expiresAt, declared } = asset;
  const awaited = AWAITED.includes(asset.status);
  const received = awaited ? await receivedBytes(asset) : 0;
  const begun = received > 0 && asset.status === 'created';
  if (begun) await noteUploading(asset);
  const { videoUrl, posterUrl, imageUrl } = mediaUrls(asset);
  return {
    id: _id.toHexString(),
    status: begun ? 'uploading' : asset.status,
    purpose,
    progress,
    failureCode: failureCode ?? null,
    failure: failureCode ? sentenceFor(failureCode) : null,
    retryable: asset.status === 'failed' && expiresAt !== undefined,
    upload: awaited
      ? {
          url: asset.uploadSession ? unseal(asset.uploadSession) : null,
          receivedBytes: received,
          totalBytes: declared.bytes,
          expiresAt: expiresAt?.toISOString() ?? null,
        }
      : null,
    videoUrl,
    posterUrl,
    imageUrl,
    createdAt: createdAt.toISOString(),
  };
}
