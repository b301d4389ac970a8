import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

const about = {
  topic: 'caption',
  subject: ['caption', 'captionId'],
  data: z.object({
    captionId: idOf('caption'),
    contentId: idOf('content'),
    creatorId: idOf('user'),
    language: z.string(),
  }),
} as const;

/** Somebody wants to read what is said. */
export const CaptionRequested = event({ ...about, type: 'caption.requested' });
/** A track is there, or nothing was said. */
export const CaptionReady = event({ ...about, type: 'caption.ready' });
export const CaptionFailed = event({ ...about, type: 'caption.failed' });
