import {
  NotificationDelivered,
  NotificationsRead,
} from '#domain/notifications/notification-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Bring changes of an inbox to the devices of its owner.',
  on: [NotificationDelivered, NotificationsRead],
  effect: 'outside',

  handler: async ({ data: { userId, ...facts }, type, eventId }) => {
    const name = type === NotificationDelivered.type ? 'notification' : 'notification:read';
    const data = JSON.parse(JSON.stringify(facts));
    await publishRealtime([
      { channel: channels.user(userId.toHexString()), name, data, id: eventId },
    ]);
  },
});
