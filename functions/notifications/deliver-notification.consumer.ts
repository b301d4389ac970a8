import { isVisibleTo } from '#domain/content/contents.ts';
import { deliver } from '#domain/notifications/inbox.ts';
import { NotifyRequested } from '#domain/notifications/notification-events.ts';
import { relationOf } from '#domain/users/relations.ts';
import { settingsOf } from '#domain/users/users.ts';
import { consumer } from '#platform/consumer.ts';
import type { DataOf } from '#platform/event.ts';

export default consumer({
  summary: 'Put what somebody should be told into their inbox, unless they would not want it.',
  on: [NotifyRequested],
  // Nothing but the database; but what is asked first need not hold a transaction open, and everybody who likes
  // one video meets at one row, so the room makes its own transaction, and claims the event in it.
  effect: 'outside',

  handler: async ({ data, eventId, now }) => {
    if (await isWanted(data)) await deliver(data, eventId, now);
  },
});

async function isWanted(request: DataOf<typeof NotifyRequested>): Promise<boolean> {
  const { userId, notification, actorId, subject } = request;
  const { notifications, mutedUsers } = await settingsOf(userId);
  if (notifications[notification]?.inApp === false) return false;
  if (actorId) {
    if (mutedUsers.some((muted) => muted.equals(actorId))) return false;
    const { blocked, active } = await relationOf(userId, actorId);
    if (blocked || !active) return false;
  }
  return subject.type !== 'content' || isVisibleTo(userId, subject.id);
}
