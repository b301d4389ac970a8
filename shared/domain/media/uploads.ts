import { createHash } from 'node:crypto';
import { setting } from '#domain/system/settings.ts';
import { after, days, hours } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { UploadedFile } from '#platform/endpoint.ts';
import { type Id, toId } from '#platform/id.ts';
import { problem, ValidationFailed } from '#platform/problem.ts';
import { seal, unseal } from '#platform/seal.ts';
import {
  deleteObject,
  objectInfo,
  type SignedUpload,
  signedUpload,
  uploadProgress,
  writeObject,
} from '#platform/storage.ts';
import { acceptUpload, rejectAsset, retryFailed } from './asset-state.ts';
import { type Asset, type AssetId, AWAITED, folderOf, MediaUnusable, ownAsset } from './assets.ts';
import { MediaAssets } from './media-asset.model.ts';
import {
  checkDeclared,
  type MediaPurpose,
  maxBytesOf,
  UploadQuotaReached,
} from './media-limits.ts';

export class UploadIncomplete extends problem({
  code: 'upload_incomplete',
  status: 409,
  error: 'The upload is not complete',
}) {}

/** How long an upload may take, and its owner may come back to it. */
const UNFINISHED_MS = hours(24);

interface Declared {
  readonly bytes: number;
  readonly mime: string;
  readonly sha256?: string | undefined;
  readonly name?: string | undefined;
}

export interface UploadWish extends Declared {
  readonly owner: Id<'user'>;
  readonly purpose: MediaPurpose;
  readonly origin?: string;
  readonly operationId: string;
}

/**
 * Makes an asset and opens the session that its bytes are sent to. The same operation always finds the same
 * asset and session. Throws the problems of `checkDeclared`, and `UploadQuotaReached`.
 */
export async function createUpload(
  { owner, purpose, origin, operationId, ...declared }: UploadWish,
  now: Date,
): Promise<{ readonly asset: Asset; readonly upload: SignedUpload }> {
  const assetId = idFor(owner, operationId);
  const asset = await makeAsset(assetId, owner, purpose, declared, now);
  const expiresAt = asset.expiresAt ?? after(asset.createdAt, UNFINISHED_MS);
  const headers = { 'content-type': asset.declared.mime };
  if (asset.uploadSession) {
    const url = unseal(asset.uploadSession);
    return { asset, upload: { url, method: 'PUT', headers, expiresAt } };
  }
  const upload = await signedUpload({
    bucket: asset.bucket,
    object: asset.object,
    contentType: asset.declared.mime,
    bytes: asset.declared.bytes,
    expiresAt,
    ...(origin !== undefined && { origin }),
  });
  await MediaAssets.updateOne({ _id: assetId }, { $set: { uploadSession: seal(upload.url) } });
  return { asset, upload };
}

/** The same for every repeat of an operation, and not to be guessed by others. */
const idFor = (owner: Id<'user'>, ...operation: readonly string[]): AssetId =>
  toId(
    createHash('sha256')
      .update(JSON.stringify([owner.toHexString(), ...operation]))
      .digest('hex')
      .slice(0, 24),
  );

async function makeAsset(
  _id: AssetId,
  owner: Id<'user'>,
  purpose: MediaPurpose,
  declared: Declared,
  now: Date,
): Promise<Asset> {
  const existing = await MediaAssets.findById(_id).lean();
  if (existing) return existing;
  await checkDeclared(purpose, declared);
  await admit(owner, now);
  const row = {
    ...{ _id, owner, purpose, declared, bucket: config().UPLOADS_BUCKET },
    object: folderOf({ _id, owner, declared }),
    expiresAt: after(now, UNFINISHED_MS),
  };
  try {
    await MediaAssets.create([row]);
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
  }
  return ownAsset(owner, _id);
}

/** Two uploads begun in the same instant may both be let in; the limit is against flooding, not for accounts. */
async function admit(owner: Id<'user'>, now: Date): Promise<void> {
  const allowed = await setting('media.uploadsPerDay');
  const begun = await MediaAssets.countDocuments({
    owner,
    createdAt: { $gt: after(now, -days(1)) },
  }).limit(allowed);
  if (begun < allowed) return;
  throw new UploadQuotaReached({
    details: [`At most ${allowed} uploads a day`],
    retryAfterSeconds: 3600,
  });
}

/**
 * Stores a file that came in a request, as if it had been uploaded: the same trigger goes on with it. Repeatable
 * by `operationId`; must be called outside any transaction. Throws what `createUpload` throws.
 */
export async function storeUploadedBytes(
  owner: Id<'user'>,
  purpose: MediaPurpose,
  file: UploadedFile & { readonly operationId: string },
  now: Date,
): Promise<Asset> {
  const { bytes, contentType: mime, name, operationId } = file;
  if (bytes.length === 0) throw new ValidationFailed({ details: ['The file is empty'] });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const declared = { bytes: bytes.length, mime, sha256, name: name.slice(0, 200) };
  const asset = await makeAsset(idFor(owner, operationId, sha256), owner, purpose, declared, now);
  const { bucket, object } = asset;
  if (AWAITED.includes(asset.status) && !(await objectInfo(bucket, object)))
    await writeObject({ bucket, object, contentType: mime, body: bytes });
  return asset;
}

interface ArrivedObject {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly bytes: number;
}

/**
 * Takes note of bytes that arrived. What nobody announced is deleted, and so is what comes for an asset that
 * has ended; a repeat changes nothing.
 */
export async function receiveObject(arrived: ArrivedObject, now: Date): Promise<void> {
  const { bucket, name, generation, bytes } = arrived;
  const asset = await MediaAssets.findOne({ bucket, object: name }).lean();
  if (!asset) return deleteObject(bucket, name, generation);
  if (!AWAITED.includes(asset.status)) {
    if (['ready', 'rejected', 'expired'].includes(asset.status))
      await deleteObject(bucket, name, generation);
    return;
  }
  if (bytes === asset.declared.bytes) await acceptUpload(asset, generation, now);
  else {
    const tooLarge = bytes > (await maxBytesOf(asset.declared.mime));
    await rejectAsset(asset, tooLarge ? 'too_large' : 'size_mismatch', now);
  }
}

/**
 * The owner says that all bytes were sent, or wants another attempt at what failed. Storage has the last word.
 * Throws `NotFound`, `UploadIncomplete` with the bytes received so far, and `MediaUnusable` when a day has passed.
 */
export async function completeUpload(
  owner: Id<'user'>,
  assetId: AssetId,
  now: Date,
): Promise<Asset> {
  const asset = await ownAsset(owner, assetId);
  if (asset.status === 'failed' && !(await retryFailed(asset, now))) throw new MediaUnusable();
  if (AWAITED.includes(asset.status)) {
    const { bucket, object } = asset;
    const found = await objectInfo(bucket, object);
    if (!found)
      throw new UploadIncomplete({
        current: { receivedBytes: await receivedBytes(asset), totalBytes: asset.declared.bytes },
      });
    await receiveObject({ ...found, bucket, name: object }, now);
  }
  return ownAsset(owner, assetId);
}

/** How many bytes of an awaited upload have arrived; 0 when its session is gone. */
export const receivedBytes = async ({ uploadSession }: Asset): Promise<number> =>
  (uploadSession && (await uploadProgress(unseal(uploadSession)))) || 0;
