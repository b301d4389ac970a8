import { z } from 'zod';
import { recordDeed } from '#domain/admin/audit-trail.ts';
import { endStream, terminateStream } from '#domain/live/run-stream.ts';
import { StreamView, viewOf } from '#domain/live/streams.ts';
import { LiveSummary, summarise } from '#domain/live/summary.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'End a stream, or call off one that was announced; staff says why it stops one.',
  method: 'POST',
  path: '/api/live/:streamId/end',
  access: 'host',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ streamId: idOf('live') }),
  body: z.object({
    /** What staff stops it for; it is kept, and shown to its broadcaster. */
    reason: z.string().trim().min(3).max(500).optional(),
  }),
  output: z.object({ stream: StreamView, summary: LiveSummary }),
  problems: [Conflict, NotFound],

  handler: async ({ actor, params: { streamId }, body: { reason }, request, now }) => {
    const stops = reason !== undefined && actor.permissions.includes('live.stop');
    const ended = stops
      ? await transaction(async () => {
          const stream = await terminateStream(streamId, actor.id, reason, now);
          const target = { type: 'live', id: streamId };
          const deed = { permission: 'live.stop', action: 'live.stop', target, reason } as const;
          await recordDeed({ actor, request }, deed, now);
          const told = {
            user: stream.broadcaster,
            type: 'account_notice',
            subject: target,
          } as const;
          await notify(told, now);
          return stream;
        })
      : await endStream(actor.id, streamId, now);
    const summary = await summarise(ended, now);
    return { stream: await viewOf(ended), summary };
  },
});
