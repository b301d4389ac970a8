import {
  collection,
  date,
  mixed,
  oneOf,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { NotificationType } from './notification-type.ts';

export interface Notification {
  readonly user: Id<'user'>;
  readonly type: NotificationType;
  /** Who caused it, latest first; the list is cut, the count is not. */
  readonly actors: readonly Id<'user'>[];
  readonly actorCount: number;
  readonly subject: { readonly type: string; readonly id: Id };
  readonly groupKey?: string;
  /** When the latest actor joined. */
  readonly lastAt: Date;
  readonly unread: boolean;
  readonly readAt?: Date;
  readonly channels: { readonly inApp: boolean };
}

export const Notifications = collection<Notification>('Notification', {
  fields: {
    user: requiredRef('User'),
    type: oneOf(NotificationType.options),
    actors: [requiredRef('User')],
    actorCount: requiredWhole,
    subject: part({ type: requiredText, id: requiredRef('Subject') }),
    groupKey: text,
    lastAt: requiredDate,
    unread: { type: Boolean, default: true },
    readAt: date,
    channels: mixed,
  },
  indexes: [
    [{ user: 1, lastAt: -1, _id: -1 }], // inboxOf
    [{ user: 1, unread: 1 }, { partialFilterExpression: { unread: true } }], // unreadCount, markRead
    [
      { user: 1, groupKey: 1 },
      { unique: true, partialFilterExpression: { unread: true, groupKey: { $exists: true } } },
    ], // deliver
    [{ createdAt: 1 }, { expireAfterSeconds: 90 * 86_400 }], // kept for 90 days
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
