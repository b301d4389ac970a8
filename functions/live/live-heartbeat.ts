import { z } from 'zod';
import { refreshAudience } from '#domain/live/audience.ts';
import { beat } from '#domain/live/run-stream.ts';
import { StreamView } from '#domain/live/streams.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const MEASURES = ['bitrateKbps', 'framesPerSecond', 'lossPercent', 'rttMs'] as const;

export default endpoint({
  summary: 'Say every 15 seconds that the broadcaster is there; the first time puts it on air.',
  method: 'POST',
  path: '/api/live/:streamId/heartbeat',
  access: 'host',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ streamId: idOf('live') }),
  body: z.object({
    quality: z.partialRecord(z.enum(MEASURES), z.number().min(0).max(1_000_000)).optional(),
  }),
  output: z.object({ status: StreamView.shape.status, viewers: z.int() }),
  problems: [Conflict, NotFound],

  handler: async ({ actor, params: { streamId }, body: { quality }, now }) => {
    const { status } = await beat(actor.id, streamId, quality, now);
    return { status, viewers: await refreshAudience(streamId, now) };
  },
});
