import { createHash } from 'node:crypto';
import { type Cue, InvalidCaptions, parseWebVtt, toWebVtt } from '#domain/media/webvtt.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { deleteObject, writeObject } from '#platform/storage.ts';
import { Captions } from './caption.model.ts';
import { CaptionReady } from './caption-events.ts';
import { idsOf, type Segment, type StoredCaption } from './captions.ts';
import type { StoredContent } from './contents.ts';

/** Cues in order, each ending after it begins. Throws `ValidationFailed` that names the first that does not. */
export function checkedSegments(segments: readonly Segment[]): readonly Cue[] {
  segments.forEach(({ start, end }, index) => {
    const before = segments[index - 1];
    if (end <= start || (before && start < before.start))
      throw new ValidationFailed({
        field: `segments.${index}`,
        details: [`segments.${index}: segments are in order, and each ends after it begins`],
      });
  });
  return segments;
}

/** The cues of a file somebody wrote. Throws `ValidationFailed` with the line that cannot be understood. */
export function cuesInFile(vtt: string): readonly Cue[] {
  try {
    return parseWebVtt(vtt);
  } catch (cause) {
    if (!(cause instanceof InvalidCaptions)) throw cause;
    throw new ValidationFailed({ field: 'vtt', details: [`vtt: ${cause.message}`], cause });
  }
}

/** Stores a track under a name that changes with its words, so that no player keeps an old one. */
export async function storeTrack(
  content: Id<'content'>,
  language: string,
  cues: readonly Cue[],
): Promise<string> {
  const body = toWebVtt(cues);
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const object = `captions/${content.toHexString()}/${language}-${digest}.vtt`;
  await writeObject({
    bucket: config().MEDIA_BUCKET,
    object,
    contentType: 'text/vtt; charset=utf-8',
    cacheControl: 'public, max-age=86400',
    body,
  });
  return object;
}

/** What automation must know never to touch again: a person wrote it. */
const BY_HAND = {
  edited: { source: 'edited', status: 'edited' },
  uploaded: { source: 'uploaded', status: 'ready' },
} as const;

/** Puts the owner's own words in the place of whatever track of that language there was. */
export async function writeCaption(
  content: StoredContent,
  language: string,
  how: keyof typeof BY_HAND,
  cues: readonly Cue[],
  now: Date,
): Promise<StoredCaption> {
  const vttObject = await storeTrack(content._id, language, cues);
  const track = {
    ...BY_HAND[how],
    segments: cues,
    text: cues.map(({ text }) => text).join(' '),
    vttObject,
    readyAt: now,
  };
  const save = () => saveTrack(content, language, track, now);
  const { before, after } = await save().catch((error: unknown) => {
    // Somebody made the first track of this language in the same moment; now there is one to change.
    if (duplicateKey(error) === undefined) throw error;
    return save();
  });
  if (before?.vttObject && before.vttObject !== vttObject)
    await deleteObject(config().MEDIA_BUCKET, before.vttObject);
  return after;
}

const saveTrack = (
  { _id: content, creator, asset }: StoredContent,
  language: string,
  track: Readonly<Record<string, unknown>>,
  now: Date,
) =>
  transaction(async () => {
    const before = await Captions.findOneAndUpdate(
      { content, language },
      { $set: track, $unset: { operation: 1, failure: 1 } },
    ).lean<StoredCaption>();
    if (!before) await Captions.create([{ content, creator, asset, language, ...track }]);
    const after = await Captions.findOne({ content, language }).lean<StoredCaption>();
    if (!after) throw new Error('the caption was not saved');
    await publish(CaptionReady, idsOf(after), { now });
    return { before, after };
  });
