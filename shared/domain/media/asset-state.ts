import { randomUUID } from 'node:crypto';
import { notify } from '#domain/notifications/notifications.ts';
import { after, hours, seconds } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { publish } from '#platform/outbox.ts';
import { type Asset, type AssetId, AWAITED, deleteObjectsOf, WORKED_ON } from './assets.ts';
import {
  type ActualMedia,
  type AssetStatus,
  type MediaAsset,
  MediaAssets,
  type StoredRendition,
} from './media-asset.model.ts';
import type { FailureCode, RejectionCode } from './media-codes.ts';
import {
  MediaAccepted,
  MediaAudible,
  MediaFailed,
  MediaReady,
  MediaRejected,
  MediaUploaded,
} from './media-events.ts';

/** How often work is begun on one asset before we give up on it. */
export const MAX_ATTEMPTS = 3;
/** How long a worker may be silent before it is taken for dead. */
const LEASE_MS = seconds(60);
/** How long what failed may be tried again without a new upload. */
const RETRY_MS = hours(24);

const idsOf = ({ _id, owner, purpose }: Asset) => ({
  assetId: _id,
  ownerId: owner,
  purpose,
});

type Change = Readonly<Record<string, unknown>>;

interface Guard {
  readonly from: readonly AssetStatus[];
  /** The token of the lease that must still be held. */
  readonly held?: string | undefined;
  readonly where?: Change;
}

/** One step of an asset, with what it announces. Undefined when the asset has gone on without us. */
async function step(
  asset: Asset,
  { from, held, where }: Guard,
  change: Change,
  announce: (changed: Asset) => Promise<void> = async () => undefined,
): Promise<Asset | undefined> {
  return transaction(async () => {
    const changed = await MediaAssets.findOneAndUpdate(
      {
        _id: asset._id,
        status: { $in: from },
        ...(held !== undefined && { 'lease.token': held }),
        ...where,
      },
      change,
      { returnDocument: 'after' },
    ).lean<MediaAsset & Stored>();
    if (!changed) return undefined;
    await announce(changed);
    return changed;
  });
}

type MediaEvent =
  | typeof MediaUploaded
  | typeof MediaAccepted
  | typeof MediaAudible
  | typeof MediaReady;

const tell = (event: MediaEvent, now: Date) => async (changed: Asset) => {
  await publish(event, idsOf(changed), { now });
};

/** The bytes are there, and as many as announced. */
export const acceptUpload = (asset: Asset, generation: string, now: Date) =>
  step(
    asset,
    { from: AWAITED },
    {
      $set: { status: 'uploaded', generation, uploadedAt: now },
      $unset: { uploadSession: 1, expiresAt: 1 },
    },
    tell(MediaUploaded, now),
  );

/** The first bytes have been seen. */
export const noteUploading = (asset: Asset) =>
  step(asset, { from: ['created'] }, { $set: { status: 'uploading' } });

/** Ends an asset whose bytes are not wanted: tells its owner why, and leaves no object. */
export async function rejectAsset(
  asset: Asset,
  code: RejectionCode,
  now: Date,
  held?: string,
): Promise<void> {
  const rejected = await step(
    asset,
    { from: held === undefined ? AWAITED : WORKED_ON, held },
    {
      $set: { status: 'rejected', failureCode: code },
      $unset: { uploadSession: 1, expiresAt: 1, lease: 1 },
    },
    async (changed) => {
      await notifyOwner(changed, 'media_rejected', now);
      await publish(MediaRejected, { ...idsOf(changed), code }, { now });
    },
  );
  if (rejected) await deleteObjectsOf(rejected);
}

/** Gives up on an asset, and lets its owner try again for a day. */
export const failAsset = (
  asset: Asset,
  code: FailureCode,
  now: Date,
  { from, held }: { readonly from: readonly AssetStatus[]; readonly held?: string },
) =>
  step(
    asset,
    { from, held },
    {
      $set: { status: 'failed', failureCode: code, expiresAt: after(now, RETRY_MS) },
      $unset: { lease: 1 },
    },
    async (changed) => {
      await notifyOwner(changed, 'media_failed', now);
      await publish(MediaFailed, { ...idsOf(changed), code }, { now });
    },
  );

/** The bytes never came. */
export async function expireAsset(asset: Asset, now: Date): Promise<void> {
  const code = 'upload_expired';
  const expired = await step(
    asset,
    { from: AWAITED },
    {
      $set: { status: 'expired', failureCode: code },
      $unset: { uploadSession: 1, expiresAt: 1 },
    },
    async (changed) => {
      await notifyOwner(changed, 'media_failed', now);
      await publish(MediaFailed, { ...idsOf(changed), code }, { now });
    },
  );
  if (expired) await deleteObjectsOf(expired);
}

const notifyOwner = (
  { _id, owner }: Asset,
  type: 'media_rejected' | 'media_failed',
  now: Date,
): Promise<void> => notify({ user: owner, type, subject: { type: 'media', id: _id } }, now);

/** Puts an asset back to where its bytes had just arrived. */
const again = (change: Change): Change => ({
  ...change,
  $unset: { lease: 1, failureCode: 1, expiresAt: 1 },
});

/** Another three attempts at what failed, as its owner wishes. */
export const retryFailed = (asset: Asset, now: Date) =>
  step(
    asset,
    { from: ['failed'], where: { expiresAt: { $gt: now } } },
    again({ $set: { status: 'uploaded', progress: 0, attempts: 0 } }),
    tell(MediaUploaded, now),
  );

/** Asks for the work anew, because whoever was asked before has not begun, or has died. */
export const requeueAsset = (asset: Asset, now: Date) =>
  step(
    asset,
    { from: [asset.status], ...(asset.lease && { held: asset.lease.token }) },
    again({ $set: { status: 'uploaded', progress: 0 } }),
    tell(MediaUploaded, now),
  );

/** Takes an asset to work on, unless somebody alive has it or it needs none. */
export const claimAsset = (assetId: AssetId, now: Date) =>
  MediaAssets.findOneAndUpdate(
    {
      _id: assetId,
      attempts: { $lt: MAX_ATTEMPTS },
      $or: [{ status: 'uploaded' }, { status: { $in: WORKED_ON }, 'lease.until': { $lt: now } }],
    },
    {
      $set: {
        status: 'validating',
        lease: { token: randomUUID(), until: after(now, LEASE_MS) },
        progress: 0,
      },
      $inc: { attempts: 1 },
    },
    { returnDocument: 'after' },
  )
    .lean()
    .exec();

/** Says that the work goes on. False when it has been given to somebody else. */
export async function renewLease(
  assetId: AssetId,
  held: string,
  progress: number,
  now: Date,
): Promise<boolean> {
  const { matchedCount } = await MediaAssets.updateOne(
    { _id: assetId, 'lease.token': held },
    { $set: { 'lease.until': after(now, LEASE_MS), progress } },
  );
  return matchedCount === 1;
}

/** Lets go of an asset after an attempt that came to nothing, so that the next may begin. */
export const releaseAsset = (asset: Asset, held: string) =>
  step(asset, { from: WORKED_ON, held }, again({ $set: { status: 'uploaded', progress: 0 } }));

/** The bytes are what they should be: the conversion begins. */
export const beginConversion = (asset: Asset, actual: ActualMedia, held: string, now: Date) =>
  step(
    asset,
    { from: WORKED_ON, held },
    { $set: { status: 'processing', actual } },
    tell(MediaAccepted, now),
  );

export const noteAudio = (asset: Asset, audio: string, held: string, now: Date) =>
  step(asset, { from: WORKED_ON, held }, { $set: { audio } }, tell(MediaAudible, now));

export const finishAsset = (
  asset: Asset,
  renditions: readonly StoredRendition[],
  held: string,
  now: Date,
) => {
  const poster = renditions.find(({ kind }) => kind === 'poster' || kind === 'image')?.object;
  return step(
    asset,
    { from: WORKED_ON, held },
    {
      $set: { status: 'ready', renditions, progress: 100, readyAt: now, ...(poster && { poster }) },
      $unset: { lease: 1, failureCode: 1 },
    },
    tell(MediaReady, now),
  );
};
