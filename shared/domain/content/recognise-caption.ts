import { assetById, isLost } from '#domain/media/assets.ts';
import { cuesOf } from '#domain/media/webvtt.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { after, minutes } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { idOf } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import {
  parseRecognition,
  RecognitionRefused,
  recognitionState,
  startRecognition,
} from '#platform/speech.ts';
import { deleteObject, readObject } from '#platform/storage.ts';
import { type CaptionStatus, Captions } from './caption.model.ts';
import { CaptionFailed, CaptionReady, CaptionRequested } from './caption-events.ts';
import {
  type CaptionId,
  captionById,
  DEFAULT_LANGUAGE,
  idsOf,
  requestCaption,
  type StoredCaption,
} from './captions.ts';
import { Contents } from './content.model.ts';
import { type ContentId, contentById } from './contents.ts';
import { storeTrack } from './edit-caption.ts';

const MAX_ATTEMPTS = 3;
const MAX_RESULT_BYTES = 30_000_000;

/** Asks for captions of a content whose creator wants them, as soon as there is something to hear. */
export async function captionContent(contentId: ContentId, now: Date): Promise<void> {
  const content = await contentById(contentId);
  if (!content?.wantsCaptions || content.status === 'deleted') return;
  const asset = await assetById(content.asset);
  if (!asset?.audio) return;
  const { creator, language = DEFAULT_LANGUAGE } = content;
  await requestCaption({ content: contentId, creator, asset: asset._id, language }, now, false);
}

/** The same from the other side: something is heard, and there may be a content that waits for it. */
export async function captionAsset(assetId: StoredCaption['asset'], now: Date): Promise<void> {
  const content = await Contents.findOne({ asset: assetId }).select({ _id: 1 }).lean();
  if (content) await captionContent(content._id, now);
}

/**
 * Starts the recognition of a requested track and returns at once. Throws when the recogniser should be asked
 * again later.
 */
export async function startCaption(captionId: CaptionId, now: Date): Promise<void> {
  const wanted = await captionById(captionId);
  if (wanted?.source !== 'auto' || wanted.status !== 'requested') return;
  const asset = await assetById(wanted.asset);
  if (!asset || isLost(asset)) return failCaption(wanted, 'NOT_FOUND', now);
  // Nothing to hear yet, or never: an asset tells when there is.
  if (!asset.audio) {
    if (asset.status === 'ready') await endEmpty(wanted, now);
    return;
  }
  const caption = await Captions.findOneAndUpdate(
    { _id: captionId, source: 'auto', status: 'requested' },
    { $set: { status: 'running' }, $unset: { operation: 1 }, $inc: { attempts: 1 } },
    { returnDocument: 'after' },
  ).lean<StoredCaption>();
  if (!caption) return;
  const bucket = config().CAPTIONS_BUCKET;
  try {
    const { operation } = await startRecognition({
      audioUri: `gs://${bucket}/${asset.audio}`,
      outputUri: `gs://${bucket}/${RESULTS}${captionId.toHexString()}/${caption.attempts}`,
      languageCode: spokenLanguage(caption.language),
    });
    await Captions.updateOne({ _id: captionId, status: 'running' }, { $set: { operation } });
  } catch (error) {
    if (error instanceof RecognitionRefused && !error.retry)
      return failCaption(caption, error.code, now);
    // Being turned away is not an attempt; the event will come again.
    await Captions.updateOne(
      { _id: captionId, status: 'running' },
      { $set: { status: 'requested' }, $inc: { attempts: -1 } },
    );
    throw error;
  }
}

/** Recognisers want to know the country: `en` is `en-US`. */
function spokenLanguage(language: string): string {
  const { language: name, region } = new Intl.Locale(language).maximize();
  return region ? `${name}-${region}` : name;
}

const RESULTS = 'results/';
const CaptionIdText = idOf('caption');

/** Makes a track of a recogniser's result. Other objects in the bucket are none of its business. */
export async function receiveRecognition(object: string, now: Date): Promise<void> {
  if (!object.startsWith(RESULTS)) return;
  const bucket = config().CAPTIONS_BUCKET;
  const id = CaptionIdText.safeParse(object.split('/')[1]);
  const body = id.success ? await readObject(bucket, object, MAX_RESULT_BYTES) : undefined;
  const caption = id.success && (await captionById(id.data));
  if (body && caption && awaits(caption)) {
    const recognised = parseRecognition(parsed(body));
    const cues = cuesOf(recognised.words);
    if (cues.length === 0) await endEmpty(caption, now);
    else await finish(caption, cues, recognised.text, now);
  }
  await deleteObject(bucket, object);
}

/** A person's words, and a track that is there already, are never overwritten by a recogniser. */
const AWAITING: readonly CaptionStatus[] = ['requested', 'running', 'failed'];
const awaits = ({ source, status }: StoredCaption) =>
  source === 'auto' && AWAITING.includes(status);

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function finish(
  { _id, content, language }: StoredCaption,
  cues: StoredCaption['segments'],
  text: string,
  now: Date,
): Promise<void> {
  const vttObject = await storeTrack(content, language, cues);
  const change = { status: 'ready', segments: cues, text, vttObject, readyAt: now };
  if (await end(_id, change, now)) return;
  // Overtaken by its owner, or by a repeat of ourselves, whose file has the same name.
  const current = await captionById(_id);
  if (current?.vttObject !== vttObject) await deleteObject(config().MEDIA_BUCKET, vttObject);
}

const endEmpty = ({ _id }: StoredCaption, now: Date) =>
  end(_id, { status: 'empty', segments: [], text: '' }, now);

const end = (
  captionId: CaptionId,
  change: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<boolean> =>
  transaction(async () => {
    const ended = await Captions.findOneAndUpdate(
      { _id: captionId, source: 'auto', status: { $in: AWAITING } },
      { $set: change, $unset: { operation: 1, failure: 1 } },
      { returnDocument: 'after' },
    ).lean<StoredCaption>();
    if (ended) await publish(CaptionReady, idsOf(ended), { now });
    return ended !== null;
  });

async function failCaption({ _id }: StoredCaption, failure: string, now: Date): Promise<void> {
  await transaction(async () => {
    const failed = await Captions.findOneAndUpdate(
      { _id, source: 'auto', status: { $in: ['requested', 'running'] } },
      { $set: { status: 'failed', failure }, $unset: { operation: 1 } },
      { returnDocument: 'after' },
    ).lean<StoredCaption>();
    if (!failed) return;
    const subject = { type: 'content', id: failed.content };
    await notify({ user: failed.creator, type: 'captions_failed', subject }, now);
    await publish(CaptionFailed, idsOf(failed), { now });
  });
}

/** Longer than any recognition of what we accept takes. */
const SILENT_MS = minutes(20);
export const CAPTIONS_STUCK_IN: readonly CaptionStatus[] = ['requested', 'running'];

/** Tracks nobody has touched for too long, the longest first. */
export const stuckCaptions = (
  status: CaptionStatus,
  now: Date,
  limit: number,
): Promise<StoredCaption[]> =>
  Captions.find({ status, updatedAt: { $lt: after(now, -SILENT_MS) } })
    .sort({ updatedAt: 1, _id: 1 })
    .limit(limit)
    .lean()
    .exec();

/** Asks again for a track whose recogniser has fallen silent, or gives up after the third time. */
export async function rescueCaption(caption: StoredCaption, now: Date): Promise<void> {
  const { _id, status, operation, attempts } = caption;
  const state = operation ? await recognitionState(operation) : 'running';
  if (status === 'running' && operation && state === 'running') {
    await Captions.updateOne({ _id, status }, { $set: { status } });
    return;
  }
  if (attempts >= MAX_ATTEMPTS)
    return failCaption(
      caption,
      typeof state === 'object' ? state.failed : 'DEADLINE_EXCEEDED',
      now,
    );
  await transaction(async () => {
    const again = await Captions.findOneAndUpdate(
      { _id, status },
      { $set: { status: 'requested' }, $unset: { operation: 1 } },
      { returnDocument: 'after' },
    ).lean<StoredCaption>();
    if (again) await publish(CaptionRequested, idsOf(again), { now });
  });
}
