import { z } from 'zod';
import { Entry } from '#domain/live/entry.ts';
import { joinStream } from '#domain/live/join-stream.ts';
import { NotLive, RemovedFromLive } from '#domain/live/streams.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Watch a stream; again to renew what lets one in.',
  method: 'POST',
  path: '/api/live/:streamId/join',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ streamId: idOf('live') }),
  output: Entry,
  problems: [NotFound, NotLive, RemovedFromLive],

  handler: ({ actor, params: { streamId }, now }) => joinStream(actor.id, streamId, now),
});
