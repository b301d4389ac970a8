import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setting } from '#domain/system/settings.ts';
import { checkLimits, probeVideo, type VideoFacts } from '#platform/ffmpeg.ts';
import { scanFile } from '#platform/scanner.ts';
import { sniff } from '#platform/sniff.ts';
import type { Asset } from './assets.ts';
import { type ActualMedia, MediaAssets } from './media-asset.model.ts';
import type { RejectionCode } from './media-codes.ts';
import { isVideo, maxBytesOf, plausible } from './media-limits.ts';

/** The bytes are not wanted. */
export class RefusedMedia extends Error {
  override readonly name = 'RefusedMedia';
  readonly code: RejectionCode;

  constructor(code: RejectionCode) {
    super(`media refused: ${code}`);
    this.code = code;
  }
}

interface Inspected {
  readonly actual: ActualMedia;
  /** Of a video. */
  readonly facts: VideoFacts | undefined;
}

/**
 * Finds out what was really uploaded. Nothing looks into the file before the scanner has let it pass. Throws
 * `RefusedMedia`, `UnreadableMedia`, and `ScanFailed` when there was no verdict.
 */
export async function inspect(asset: Asset, path: string): Promise<Inspected> {
  const [verdict, sha256] = await Promise.all([scanFile(path), digestOf(path)]);
  if (!verdict.clean) throw new RefusedMedia('malware');
  const { declared } = asset;
  if (declared.sha256 !== undefined && declared.sha256 !== sha256)
    throw new RefusedMedia('checksum_mismatch');
  const mime = await sniff(path);
  if (mime === undefined || !plausible(declared.mime, mime))
    throw new RefusedMedia('type_mismatch');

  const { size: bytes } = await stat(path);
  const maxBytes = await maxBytesOf(declared.mime);
  if (bytes > maxBytes) throw new RefusedMedia('too_large');
  const duplicateOf = await twinOf(asset, sha256);
  const actual = { bytes, mime, sha256, ...(duplicateOf && { duplicateOf }) };
  if (!isVideo(declared.mime)) return { actual, facts: undefined };

  const facts = await probeVideo(path);
  const refusal = checkLimits(facts, {
    maxBytes,
    maxSeconds: await setting('media.maxVideoSeconds'),
  });
  if (refusal) throw new RefusedMedia(refusal);
  const { width, height, durationSeconds, hasAudio } = facts;
  const durationMs = Math.round(durationSeconds * 1000);
  return { actual: { ...actual, width, height, durationMs, hasAudio }, facts };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function twinOf({ _id }: Asset, sha256: string) {
  const twin = await MediaAssets.findOne({ 'actual.sha256': sha256, _id: { $ne: _id } })
    .select({ _id: 1 })
    .lean();
  return twin?._id;
}
