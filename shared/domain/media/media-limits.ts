import { setting } from '#domain/system/settings.ts';
import { problem } from '#platform/problem.ts';

export const PURPOSES = [
  'video',
  'photo',
  'avatar',
  'story',
  'product',
  'review',
  'chat',
  'evidence',
] as const;
/** What a file is for, which decides what it may be. */
export type MediaPurpose = (typeof PURPOSES)[number];

export class InvalidFileType extends problem({
  code: 'invalid_file_type',
  status: 415,
  error: 'Invalid file type',
}) {}
export class FileTooLarge extends problem({
  code: 'file_too_large',
  status: 413,
  error: 'File too large',
}) {}
export class UploadQuotaReached extends problem({
  code: 'upload_quota_reached',
  status: 429,
  error: 'You have started too many uploads today',
}) {}

const VIDEOS = ['video/mp4', 'video/quicktime'] as const;
const IMAGES = ['image/jpeg', 'image/png'] as const;
const BOTH = [...VIDEOS, ...IMAGES] as const;

export type MediaType = (typeof BOTH)[number];

const WELCOME: Readonly<Record<MediaPurpose, readonly MediaType[]>> = {
  video: VIDEOS,
  photo: IMAGES,
  avatar: IMAGES,
  story: BOTH,
  product: BOTH,
  review: BOTH,
  chat: BOTH,
  evidence: BOTH,
};

/** What the first bytes may say of a file that was declared as this. Cameras mix up the two kinds of video. */
const SEEN_AS: Readonly<Record<MediaType, readonly string[]>> = {
  'video/mp4': ['video/mp4', 'video/x-m4v', 'video/quicktime', 'video/3gpp'],
  'video/quicktime': ['video/quicktime', 'video/mp4', 'video/x-m4v'],
  'image/jpeg': ['image/jpeg'],
  'image/png': ['image/png'],
};

export const isVideo = (mime: string): boolean => mime.startsWith('video/');

/** Whether a file may be what it was declared as, going by its first bytes. */
export const plausible = (declared: string, seen: string | undefined): boolean =>
  seen !== undefined && isWelcome(declared, BOTH) && SEEN_AS[declared].includes(seen);

const isWelcome = (mime: string, types: readonly MediaType[]): mime is MediaType =>
  types.some((type) => type === mime);

export const maxBytesOf = (mime: string): Promise<number> =>
  setting(isVideo(mime) ? 'media.maxVideoBytes' : 'media.maxImageBytes');

/** Refuses what would be refused after the upload, before a byte is sent. Throws the problems above. */
export async function checkDeclared(
  purpose: MediaPurpose,
  { bytes, mime }: { readonly bytes: number; readonly mime: string },
): Promise<void> {
  const types = WELCOME[purpose];
  if (!isWelcome(mime, types))
    throw new InvalidFileType({
      field: 'mime',
      details: [`mime: ${types.join(', ')}`],
    });
  const limitBytes = await maxBytesOf(mime);
  if (bytes > limitBytes)
    throw new FileTooLarge({
      field: 'bytes',
      limitBytes,
      details: [`The limit is ${limitBytes} bytes`],
    });
}
