import { z } from 'zod';
import { Entry, entryTo } from '#domain/live/entry.ts';
import { attend } from '#domain/live/participants.ts';
import {
  scheduleStream,
  startScheduled,
  startStream,
  TooManyScheduled,
} from '#domain/live/start-stream.ts';
import { UnderAge } from '#domain/wallet/money-age.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Moment } from '#platform/moment.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const Text = (most: number) => z.string().trim().min(1).max(most);

export default endpoint({
  summary: 'Go live now, announce it for later, or go live with what was announced.',
  method: 'POST',
  path: '/api/live/start',
  access: 'verified',
  restrictedBy: 'live',
  rateLimit: perActor(20, 'minute'),
  // A route of the reference: its clients send no key, and a repeat must not be a second stream.
  idempotency: 'derived',
  secretAnswer: true,
  body: z
    .object({
      title: Text(120).optional(),
      category: Text(40).optional(),
      scheduledFor: Moment.optional(),
      followersOnly: z.boolean().default(false),
      slowModeSeconds: z.int().min(0).max(300).default(0),
      /** A stream that was announced, and begins now. */
      streamId: idOf('live').optional(),
    })
    .refine(({ title, streamId }) => (title === undefined) !== (streamId === undefined), {
      path: ['title'],
      message: 'say a title, or the streamId of what was announced',
    }),
  status: 201,
  output: Entry,
  problems: [Conflict, NotFound, TooManyScheduled, UnderAge, ValidationFailed],

  handler: async ({ actor, body: { streamId, title = '', scheduledFor, ...settings }, now }) => {
    const wish = { title, ...settings };
    const stream = streamId
      ? await startScheduled(actor.id, streamId, now)
      : scheduledFor
        ? await scheduleStream(actor.id, wish, scheduledFor, now)
        : await startStream(actor.id, wish, now);
    const uid = await attend({ stream: stream._id, user: actor.id, role: 'host' }, now);
    return entryTo(stream, { user: actor.id, uid, role: 'publisher' }, now);
  },
});
