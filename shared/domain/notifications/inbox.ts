import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import type { DataOf } from '#platform/event.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { claimEvent } from '#platform/idempotency.ts';
import { inTurn } from '#platform/in-turn.ts';
import { publish } from '#platform/outbox.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type Notification, Notifications } from './notification.model.ts';
import {
  NotificationDelivered,
  NotificationsRead,
  type NotifyRequested,
} from './notification-events.ts';
import { NotificationType } from './notification-type.ts';

type Request = DataOf<typeof NotifyRequested>;

/** How many of the people behind one item are remembered by name. */
const MOST_ACTORS = 50;

/** Puts a request into the inbox, into the unread item of its group where there is one; once for each event. */
export const deliver = (request: Request, eventId: string, now: Date): Promise<void> =>
  inTurn(`inbox:${request.userId.toHexString()}:${request.groupKey ?? eventId}`, () =>
    transaction(async () => {
      if (!(await claimEvent('deliverNotification', eventId, now))) return;
      const { userId, notification, actorId, subject, groupKey } = request;
      const open = groupKey
        ? await Notifications.findOne({ user: userId, groupKey, unread: true }).lean()
        : null;
      const item = open ? await join(open, actorId, now) : await begin(request, now);
      await publish(
        NotificationDelivered,
        {
          userId,
          notificationId: item._id,
          notification,
          actorId,
          actorCount: item.actorCount,
          subject,
        },
        { now, ...(actorId && { actor: actorId }) },
      );
    }),
  );

async function begin(request: Request, now: Date) {
  const { userId, notification, actorId, subject, groupKey } = request;
  const [created] = await Notifications.create([
    {
      user: userId,
      type: notification,
      actors: actorId ? [actorId] : [],
      actorCount: actorId ? 1 : 0,
      subject,
      ...(groupKey && { groupKey }),
      lastAt: now,
      channels: { inApp: true },
    },
  ]);
  if (!created) throw new Error('the notification was not created');
  return { _id: created._id, actorCount: actorId ? 1 : 0 };
}

async function join(open: Notification & Stored, actor: Id<'user'> | undefined, now: Date) {
  const known = open.actors.some((id) => sameId(id, actor));
  const others = open.actors.filter((id) => !sameId(id, actor));
  const actors = actor ? [actor, ...others].slice(0, MOST_ACTORS) : others;
  const actorCount = open.actorCount + (actor && !known ? 1 : 0);
  await Notifications.updateOne({ _id: open._id }, { $set: { actors, actorCount, lastAt: now } });
  return { _id: open._id, actorCount };
}

export const inboxOf = (user: Id<'user'>, query: PageQuery): Promise<Page<Notification & Stored>> =>
  findPage<Notification>({
    model: Notifications,
    where: { user },
    sort: { field: 'lastAt', direction: -1 },
    query,
    scope: `inbox:${user.toHexString()}`,
  });

/** What a badge shows; beyond this it says "more". */
const MOST_UNREAD = 1000;

export const unreadCount = (user: Id<'user'>): Promise<number> =>
  Notifications.countDocuments({ user, unread: true }).limit(MOST_UNREAD).exec();

/** Which items were seen: some by id, all of a type, or everything. */
export interface Seen {
  readonly ids?: readonly Id<'notification'>[] | undefined;
  readonly type?: NotificationType | undefined;
}

/** Marks items of the user's own inbox as read; returns how many are left unread. */
export async function markRead(user: Id<'user'>, seen: Seen, now: Date): Promise<number> {
  return transaction(async () => {
    const { modifiedCount } = await Notifications.updateMany(
      {
        user,
        unread: true,
        ...(seen.ids && { _id: { $in: [...seen.ids] } }),
        ...(seen.type && { type: seen.type }),
      },
      { $set: { unread: false, readAt: now } },
    );
    const unread = await unreadCount(user);
    if (modifiedCount > 0)
      await publish(NotificationsRead, { userId: user, unread }, { now, actor: user });
    return unread;
  });
}

/** An item of the inbox without the people behind it. */
export const NotificationItem = z.object({
  id: IdText,
  type: NotificationType,
  actorCount: z.int(),
  subject: z.object({ type: z.string(), id: IdText }),
  unread: z.boolean(),
  at: z.iso.datetime(),
});

export const toNotificationItem = (item: Notification & Stored) => ({
  id: item._id.toHexString(),
  type: item.type,
  actorCount: item.actorCount,
  subject: { type: item.subject.type, id: item.subject.id.toHexString() },
  unread: item.unread,
  at: item.lastAt.toISOString(),
});
