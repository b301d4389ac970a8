import { z } from 'zod';
import { recordDeed } from '#domain/admin/audit-trail.ts';
import { releaseEarnings } from '#domain/live/held-earnings.ts';
import { StreamView, viewOf } from '#domain/live/streams.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Release what a stream has earned that staff stopped, after somebody looked at it.',
  method: 'POST',
  path: '/api/admin/live/:streamId/release',
  access: 'staff:live.stop',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ streamId: idOf('live') }),
  body: z.object({ reason: z.string().trim().min(3).max(500) }),
  output: z.object({ stream: StreamView }),
  problems: [Conflict, NotFound],

  handler: async ({ actor, params: { streamId }, body: { reason }, request, now }) => {
    const stream = await releaseEarnings(streamId);
    const target = { type: 'live', id: streamId };
    const deed = { permission: 'live.stop', action: 'live.release', target, reason } as const;
    await recordDeed({ actor, request }, deed, now);
    const told = { user: stream.broadcaster, type: 'account_notice', subject: target } as const;
    await notify(told, now);
    return { stream: await viewOf(stream) };
  },
});
