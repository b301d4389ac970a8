import { z } from 'zod';
import { ownAsset } from '#domain/media/assets.ts';
import { MediaStatus, mediaStatusOf } from '#domain/media/media-status.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Tell how an upload is doing: its state, where to go on, and what went wrong.',
  method: 'GET',
  path: '/api/media/uploads/:assetId',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ assetId: idOf('media') }),
  output: z.object({ asset: MediaStatus }),
  problems: [NotFound],

  handler: async ({ actor, params }) => ({
    asset: await mediaStatusOf(await ownAsset(actor.id, params.assetId)),
  }),
});
