import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { NotificationType } from './notification-type.ts';

/** Somebody should be told something; whether and how is decided when it is delivered. */
export const NotifyRequested = event({
  type: 'notify.requested',
  topic: 'notify',
  data: z.object({
    userId: idOf('user'),
    notification: NotificationType,
    actorId: idOf('user').optional(),
    subject: z.object({ type: z.string(), id: idOf<string>('subject') }),
    /** Requests with the same key become one item while it is unread. */
    groupKey: z.string().optional(),
  }),
  subject: ['user', 'userId'],
  orderedBy: 'userId',
});

/** An item lies in somebody's inbox, new or changed. */
export const NotificationDelivered = event({
  type: 'notification.delivered',
  topic: 'notify',
  data: z.object({
    userId: idOf('user'),
    notificationId: idOf('notification'),
    notification: NotificationType,
    actorId: idOf('user').optional(),
    actorCount: z.int(),
    subject: z.object({ type: z.string(), id: idOf<string>('subject') }),
  }),
  subject: ['notification', 'notificationId'],
  orderedBy: 'userId',
});

/** Somebody has seen items of their inbox, on one of their devices. */
export const NotificationsRead = event({
  type: 'notification.read',
  topic: 'notify',
  data: z.object({ userId: idOf('user'), unread: z.int() }),
  subject: ['user', 'userId'],
  orderedBy: 'userId',
});
