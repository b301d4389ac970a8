import { notifyAll } from '#domain/notifications/notifications.ts';
import { followersPage } from '#domain/users/relations.ts';
import { type Id, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { LiveFanOutContinued } from './live-events.ts';

interface OnAir {
  readonly streamId: Id<'live'>;
  readonly hostId: Id<'user'>;
}

/**
 * Asks for all followers to be told that somebody is live, a page at a time: what is left is an
 * event of its own, so that no run takes long. Must be called inside a transaction.
 */
export async function tellFollowers(
  { streamId, hostId }: OnAir,
  cursor: string | undefined,
  now: Date,
): Promise<void> {
  const position = cursor === undefined ? undefined : toId(cursor);
  const { followers, next } = await followersPage(hostId, position);
  const subject = { type: 'live', id: streamId };
  await notifyAll(
    followers.map((user) => ({ user, type: 'live_started', actor: hostId, subject })),
    now,
  );
  if (next)
    await publish(LiveFanOutContinued, { streamId, hostId, cursor: next.toHexString() }, { now });
}
