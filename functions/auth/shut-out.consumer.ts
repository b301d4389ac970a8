import { shutOut } from '#domain/auth/shut-out.ts';
import { UserStatusChanged } from '#domain/users/user-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'End the sessions and realtime connections of who was banned or suspended.',
  on: [UserStatusChanged],
  effect: 'outside',

  handler: async ({ data: { userId }, eventId, now }) => shutOut(userId, eventId, now),
});
