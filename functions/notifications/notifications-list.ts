import { z } from 'zod';
import {
  inboxOf,
  NotificationItem,
  toNotificationItem,
  unreadCount,
} from '#domain/notifications/inbox.ts';
import { cardIn, cardsOf, UserCard } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

/** How many of the people behind an item are shown. */
const SHOWN_ACTORS = 3;

export default endpoint({
  summary: 'List your notifications, latest first, with the number of unread ones.',
  method: 'GET',
  path: '/api/notifications',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery,
  output: pageOf('notifications', NotificationItem.extend({ actors: z.array(UserCard) })).extend({
    unread: z.int(),
  }),

  handler: async ({ actor, query }) => {
    const [page, unread] = await Promise.all([inboxOf(actor.id, query), unreadCount(actor.id)]);
    const people = page.items.flatMap(({ actors }) => actors.slice(0, SHOWN_ACTORS));
    const cards = await cardsOf(people);
    const shown = named('notifications', page, (item) => ({
      ...toNotificationItem(item),
      actors: item.actors.slice(0, SHOWN_ACTORS).map((id) => cardIn(cards, id)),
    }));
    return { ...shown, unread };
  },
});
