import { z } from 'zod';
import { markRead } from '#domain/notifications/inbox.ts';
import { NotificationType } from '#domain/notifications/notification-type.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Mark notifications as read: some by id, all of a type, or all.',
  method: 'POST',
  path: '/api/notifications/read',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  body: z
    .object({
      ids: z.array(idOf('notification')).min(1).max(100).optional(),
      type: NotificationType.optional(),
      all: z.literal(true).optional(),
    })
    .refine(
      ({ ids, type, all }) => [ids, type, all].filter((one) => one !== undefined).length === 1,
      'say exactly one of ids, type and all',
    ),
  output: z.object({ unread: z.int() }),

  handler: async ({ actor, body, now }) => ({ unread: await markRead(actor.id, body, now) }),
});
