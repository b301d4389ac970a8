import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { PURPOSES } from './media-limits.ts';

const about = {
  topic: 'media',
  subject: ['media', 'assetId'],
  data: z.object({
    assetId: idOf('media'),
    ownerId: idOf('user'),
    purpose: z.enum(PURPOSES),
    /** Why, where something went wrong. */
    code: z.string().optional(),
  }),
} as const;

/** The bytes are there, as many as were announced. */
export const MediaUploaded = event({ ...about, type: 'media.uploaded' });
/** The bytes are what they should be, and are being converted. */
export const MediaAccepted = event({ ...about, type: 'media.accepted' });
/** What is heard in a video can be recognised, long before its pictures are ready. */
export const MediaAudible = event({ ...about, type: 'media.audible' });
export const MediaReady = event({ ...about, type: 'media.ready' });
/** The bytes are not wanted and have been deleted. */
export const MediaRejected = event({ ...about, type: 'media.rejected' });
/** Nothing came of it: the upload was never finished, or the work on it failed. */
export const MediaFailed = event({ ...about, type: 'media.failed' });
