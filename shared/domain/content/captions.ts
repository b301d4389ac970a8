import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { deleteObject, publicUrl } from '#platform/storage.ts';
import { CAPTION_SOURCES, CAPTION_STATUSES, type Caption, Captions } from './caption.model.ts';
import { CaptionRequested } from './caption-events.ts';

export type StoredCaption = Caption & Stored;
export type CaptionId = Id<'caption'>;
type ContentId = Id<'content'>;

/** What is taken to be spoken when the creator did not say. */
export const DEFAULT_LANGUAGE = 'en';

/** A language tag in its usual spelling: `pt-br` is `pt-BR`. */
export const Language = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?$/, 'a language such as en or pt-BR')
  .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag);

/** One caption: what is shown, and from when to when, in seconds. */
export const Segment = z.strictObject({
  start: z.number().min(0).max(359_999),
  end: z.number().min(0).max(359_999),
  text: z.string().trim().min(1).max(1000),
});
export type Segment = z.infer<typeof Segment>;

/** A track as viewers know it. */
export const CaptionTrack = z.object({
  language: z.string(),
  url: z.url(),
  source: z.enum(CAPTION_SOURCES),
});
export type CaptionTrack = z.infer<typeof CaptionTrack>;

/** A track as its owner works on it. */
export const OwnCaption = z.object({
  id: IdText,
  language: z.string(),
  status: z.enum(CAPTION_STATUSES),
  source: z.enum(CAPTION_SOURCES),
  url: z.url().nullable(),
  segments: z.array(Segment),
});

export const toOwnCaption = ({
  _id,
  language,
  status,
  source,
  vttObject,
  segments,
}: StoredCaption): z.infer<typeof OwnCaption> => ({
  id: _id.toHexString(),
  language,
  status,
  source,
  url: vttObject ? publicUrl(vttObject) : null,
  segments: segments.map(({ start, end, text }) => ({ start, end, text })),
});

/** The tracks that can be shown, by the hex id of their content, in the order of their languages. */
export async function captionTracksOf(
  contentIds: readonly ContentId[],
): Promise<Map<string, CaptionTrack[]>> {
  const rows = await Captions.find({ content: { $in: contentIds }, status: { $in: SHOWN } })
    .select({ content: 1, language: 1, source: 1, vttObject: 1 })
    .lean();
  // A handful for each content; the engine would have to read them all before sorting them, too.
  rows.sort((one, other) => one.language.localeCompare(other.language));
  const tracks = new Map<string, CaptionTrack[]>();
  for (const { content, language, source, vttObject } of rows) {
    if (!vttObject) continue;
    const key = content.toHexString();
    tracks.set(key, [...(tracks.get(key) ?? []), { language, source, url: publicUrl(vttObject) }]);
  }
  return tracks;
}

const SHOWN = ['ready', 'edited'] as const;

/** The contents in which these words are said, best first. Whether one may be seen is for the caller to ask. */
export async function contentsSaying(words: string, limit: number): Promise<ContentId[]> {
  const rows = await Captions.find(
    { $text: { $search: words }, status: { $in: SHOWN } },
    { content: 1, score: { $meta: 'textScore' } },
  )
    .sort({ score: { $meta: 'textScore' }, _id: -1 })
    .limit(limit)
    .lean();
  return rows.map(({ content }) => content);
}

export const captionById = (id: CaptionId): Promise<StoredCaption | null> =>
  Captions.findById(id).lean().exec();

export const idsOf = ({ _id, content, creator, language }: StoredCaption) => ({
  captionId: _id,
  contentId: content,
  creatorId: creator,
  language,
});

interface CaptionWish {
  readonly content: ContentId;
  readonly creator: Id<'user'>;
  readonly asset: Id<'media'>;
  readonly language: string;
}

/**
 * Asks for a track to be made of what is said. A track that exists is left as it is, but one that came to nothing
 * is tried again where `again` says so. Safe to repeat.
 */
export async function requestCaption(
  wish: CaptionWish,
  now: Date,
  again: boolean,
): Promise<StoredCaption> {
  const { content, language } = wish;
  return transaction(async () => {
    const earlier = await Captions.findOne({ content, language }).lean();
    if (earlier) return again ? requestAgain(earlier, now) : earlier;
    const [made] = await Captions.create([{ ...wish }]);
    if (!made) throw new Error('the caption was not created');
    const caption: StoredCaption = made.toObject();
    await publish(CaptionRequested, idsOf(caption), { now });
    return caption;
  });
}

/** Starts an automatic track over that was empty or has failed; any other is left alone. */
export async function requestAgain(caption: StoredCaption, now: Date): Promise<StoredCaption> {
  return transaction(async () => {
    const changed = await Captions.findOneAndUpdate(
      { _id: caption._id, source: 'auto', status: { $in: ['empty', 'failed'] } },
      { $set: { status: 'requested', attempts: 0 }, $unset: { operation: 1, failure: 1 } },
      { returnDocument: 'after' },
    ).lean<StoredCaption>();
    if (!changed) return caption;
    await publish(CaptionRequested, idsOf(changed), { now });
    return changed;
  });
}

/** Deletes a track and its file. Safe to repeat. */
export async function deleteCaption(content: ContentId, language: string): Promise<void> {
  const gone = await Captions.findOneAndDelete({ content, language }).lean();
  if (gone?.vttObject) await deleteObject(config().MEDIA_BUCKET, gone.vttObject);
}

/** Deletes all tracks of a content that is being erased. Safe to repeat. */
export async function deleteCaptionsOf(content: ContentId): Promise<void> {
  const rows = await Captions.find({ content }).select({ language: 1 }).limit(500).lean();
  for (const { language } of rows) await deleteCaption(content, language);
}
