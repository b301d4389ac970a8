import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clock, seconds } from '#platform/clock.ts';
import { extractAudio, TranscodeFailed, UnreadableMedia } from '#platform/ffmpeg.ts';
import { log } from '#platform/log.ts';
import { Unavailable } from '#platform/problem.ts';
import { downloadTo } from '#platform/storage.ts';
import {
  beginConversion,
  claimAsset,
  failAsset,
  finishAsset,
  MAX_ATTEMPTS,
  noteAudio,
  rejectAsset,
  releaseAsset,
  renewLease,
} from './asset-state.ts';
import {
  type Asset,
  type AssetId,
  assetById,
  DEAD,
  deleteObjectsOf,
  deleteOriginal,
  WORKED_ON,
} from './assets.ts';
import { inspect, RefusedMedia } from './inspect-media.ts';
import type { FailureCode } from './media-codes.ts';
import { makeRenditions, storeAudio, storeRenditions } from './renditions.ts';

/** How often a worker says that it is alive, and how far it is. */
const PULSE_MS = seconds(5);

/** The asset was given to another worker, or ended, while this one was busy with it. */
class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** The right to work on one asset. */
interface Lease {
  readonly token: string;
  /** Percent done. */
  progress: number;
}

/**
 * Turns uploaded bytes into what can be shown, or ends with a code that says why not. May be called any number
 * of times and in parallel. Throws when the attempt failed and another one should follow.
 */
export async function processAsset(
  assetId: AssetId,
  { now, attempt }: { readonly now: Date; readonly attempt: number },
): Promise<void> {
  const asset = await claimAsset(assetId, now);
  if (!asset?.lease) return leaveAlone(assetId, attempt, now);
  const lease: Lease = { token: asset.lease.token, progress: 0 };
  const dir = await mkdtemp(join(tmpdir(), 'media-'));
  const pulse = setInterval(() => void beat(assetId, lease), PULSE_MS);
  try {
    await convert(asset, lease, dir);
  } catch (error) {
    await settle(asset, lease, error);
  } finally {
    clearInterval(pulse);
    await rm(dir, { recursive: true, force: true });
  }
}

async function beat(assetId: AssetId, { token, progress }: Lease): Promise<void> {
  try {
    await renewLease(assetId, token, progress, clock.now());
  } catch (error) {
    log.warning('lease not renewed', { error });
  }
}

/** What there is to do for an asset that is not to be worked on: to finish the cleaning of whoever ended it. */
async function leaveAlone(assetId: AssetId, attempt: number, now: Date): Promise<void> {
  const asset = await assetById(assetId);
  if (!asset) return;
  if (DEAD.includes(asset.status)) return deleteObjectsOf(asset);
  if (asset.status === 'ready') return deleteOriginal(asset);
  if (!WORKED_ON.includes(asset.status) || !asset.lease) return;
  if (asset.lease.until > now) {
    // The first delivery may have died a moment ago: its lease will tell.
    if (attempt > 1) throw new Unavailable();
    return;
  }
  await failAsset(asset, 'timeout', now, { from: WORKED_ON, held: asset.lease.token });
}

/** What is heard goes out before the pictures are touched, so that it is recognised meanwhile. */
async function convert(asset: Asset, lease: Lease, dir: string): Promise<void> {
  const input = join(dir, 'input');
  await downloadTo(asset.bucket, asset.object, input);
  const { actual, facts } = await inspect(asset, input);
  owned(await beginConversion(asset, actual, lease.token, clock.now()));

  if (facts?.hasAudio && asset.purpose === 'video') {
    const output = join(dir, 'audio.flac');
    await extractAudio({ input, output, facts });
    owned(await noteAudio(asset, await storeAudio(asset, output), lease.token, clock.now()));
  }
  const made = await makeRenditions({
    input,
    outputDir: join(dir, 'made'),
    facts,
    onProgress: (share) => {
      lease.progress = Math.round(share * 95);
    },
  });
  const stored = await storeRenditions(asset, made);
  owned(await finishAsset(asset, stored, lease.token, clock.now()));
  await deleteOriginal(asset);
}

function owned(changed: Asset | undefined): void {
  if (!changed) throw new Superseded('another worker has this asset');
}

/** Turns what went wrong into the end of the asset, or into another attempt. */
async function settle(asset: Asset, { token }: Lease, error: unknown): Promise<void> {
  const now = clock.now();
  if (error instanceof Superseded) return cleanAfterOthers(asset);
  if (error instanceof RefusedMedia) return rejectAsset(asset, error.code, now, token);
  if (error instanceof UnreadableMedia) {
    log.info('media cannot be read', { reason: error.message });
    return rejectAsset(asset, 'unreadable', now, token);
  }
  if (asset.attempts < MAX_ATTEMPTS) {
    await releaseAsset(asset, token);
    throw error;
  }
  log.error('media given up', { error });
  await failAsset(asset, codeOf(error), now, { from: WORKED_ON, held: token });
}

const codeOf = (error: unknown): FailureCode =>
  error instanceof TranscodeFailed ? error.code : 'internal_error';

/** Whoever ended the asset may have cleaned up before our last object came into being. */
async function cleanAfterOthers(asset: Asset): Promise<void> {
  const current = await assetById(asset._id);
  if (!current || DEAD.includes(current.status)) await deleteObjectsOf(asset);
}
