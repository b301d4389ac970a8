import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
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
export async function notify(request: NotificationRequest, now: Date): Promise<void> {
  const { user, type, actor, subject, groupKey } = request;
  if (sameId(user, actor)) return;
  await publish(
    NotifyRequested,
    { userId: user, notification: type, actorId: actor, subject, groupKey },
    { now, ...(actor && { actor }) },
  );
}
