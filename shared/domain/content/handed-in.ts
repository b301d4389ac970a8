import { z } from 'zod';
import { storeUploadedBytes } from '#domain/media/uploads.ts';
import type { Actor } from '#platform/access.ts';
import type { UploadedFile } from '#platform/endpoint.ts';
import { type Id, IdText, idOf } from '#platform/id.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { Language } from './captions.ts';
import { CONTENT_STATUSES } from './content.model.ts';
import { Visibility } from './contents.ts';
import { createContent } from './create-content.ts';

/** A form has strings only, so nested things may come as JSON text. */
const orJson = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((given) => {
    if (typeof given !== 'string') return given;
    try {
      return JSON.parse(given);
    } catch {
      return given;
    }
  }, shape);

/** What a content is handed in with; `assetId` unless the video itself comes along. */
export const CREATE_BODY = z.object({
  assetId: idOf('media').optional(),
  caption: z.string().max(10_000).default(''),
  visibility: Visibility.default('public'),
  /** Make captions from what is said. */
  captions: orJson(z.boolean().default(true)),
  /** What is spoken. */
  language: Language.optional(),
  allow: orJson(
    z
      .strictObject({
        comments: z.boolean().default(true),
        duet: z.boolean().default(true),
        download: z.boolean().default(true),
      })
      .prefault({}),
  ),
  labels: orJson(
    z
      .strictObject({
        ai: z.boolean().default(false),
        ad: z.boolean().default(false),
        sensitive: z.boolean().default(false),
      })
      .prefault({}),
  ),
});

export const CREATED = z.object({
  content: z.object({ id: IdText, status: z.enum(CONTENT_STATUSES) }),
});

export const VIDEO_UPLOAD = { field: 'video', maxBytes: 30 * 1024 * 1024 } as const;

interface HandedIn {
  readonly actor: Actor;
  readonly body: z.infer<typeof CREATE_BODY>;
  readonly file: UploadedFile | undefined;
  readonly operationId: string;
  readonly now: Date;
}

/** Takes in a content with the asset it names or the video it brings; repeatable by `operationId`. */
export async function createFrom({ actor, body, file, operationId, now }: HandedIn) {
  const { captions, assetId: named, language, ...facts } = body;
  if ((named === undefined) === (file === undefined))
    throw new ValidationFailed({
      field: 'assetId',
      details: ['assetId: send either the id of an upload, or a form with the field video'],
    });
  const assetId: Id<'media'> = file
    ? (await storeUploadedBytes(actor.id, 'video', { ...file, operationId }, now))._id
    : (named as Id<'media'>);
  const wish = {
    ...facts,
    creator: actor.id,
    assetId,
    wantsCaptions: captions,
    language,
    operationId,
  };
  const { _id, status } = await createContent(wish, now);
  return { content: { id: _id.toHexString(), status } };
}
