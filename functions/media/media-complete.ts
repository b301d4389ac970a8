import { z } from 'zod';
import { MediaUnusable } from '#domain/media/assets.ts';
import { MediaStatus, mediaStatusOf } from '#domain/media/media-status.ts';
import { completeUpload, UploadIncomplete } from '#domain/media/uploads.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary:
    'Say that all bytes of an upload were sent, or ask for another attempt at one that failed.',
  method: 'POST',
  path: '/api/media/uploads/:assetId/complete',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ assetId: idOf('media') }),
  output: z.object({ asset: MediaStatus }),
  problems: [NotFound, UploadIncomplete, MediaUnusable],

  handler: async ({ actor, params, now }) => ({
    asset: await mediaStatusOf(await completeUpload(actor.id, params.assetId, now)),
  }),
});
