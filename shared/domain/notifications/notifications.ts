import { type Id, sameId } from '#platform/id.ts';
import { publishAll } from '#platform/outbox.ts';
import { NotifyRequested } from './notification-events.ts';
import type { NotificationType } from './notification-type.ts';

export type { NotificationType } from './notification-type.ts';

export interface NotificationRequest {
  readonly user: Id<'user'>;
  readonly type: NotificationType;
  /** Who caused it. Nobody is told about what they did themselves. */
  readonly actor?: Id<'user'> | undefined;
  readonly subject: { readonly type: string; readonly id: Id };
  /** Requests with the same key become one item while it is unread. */
  readonly groupKey?: string | undefined;
}

/** Asks for a person to be told; must be called inside the transaction that made it true. */
export const notify = (request: NotificationRequest, now: Date): Promise<void> =>
  notifyAll([request], now);

/** Asks for many people to be told, in one write. */
export async function notifyAll(
  requests: readonly NotificationRequest[],
  now: Date,
): Promise<void> {
  const happenings = requests
    .filter(({ user, actor }) => !sameId(user, actor))
    .map(({ user, type, actor, subject, groupKey }) => ({
      actor,
      data: { userId: user, notification: type, actorId: actor, subject, groupKey },
    }));
  await publishAll(NotifyRequested, happenings, now);
}
