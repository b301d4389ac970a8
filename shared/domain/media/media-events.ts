import { z } from 'zod';
import { event } from '#platform/event.ts';
import { IdText } from '#platform/id.ts';
import { PURPOSES } from './media-limits.ts';

const Data = z.object({ assetId: IdText, ownerId: IdText, purpose: z.enum(PURPOSES) });
const DataWithCode = Data.extend({ code: z.string() });

const about = { topic: 'media', subject: ['media', 'assetId'] } as const;

/** The bytes are there, as many as were announced. */
export const MediaUploaded = event({ ...about, type: 'media.uploaded', data: Data });
/** What is heard in a video can be recognised, long before its pictures are ready. */
export const MediaAudible = event({ ...about, type: 'media.audible', data: Data });
export const MediaReady = event({ ...about, type: 'media.ready', data: Data });
/** The bytes are not wanted and have been deleted. */
export const MediaRejected = event({ ...about, type: 'media.rejected', data: DataWithCode });
/** Nothing came of it: the upload was never finished, or the work on it failed. */
export const MediaFailed = event({ ...about, type: 'media.failed', data: DataWithCode });
