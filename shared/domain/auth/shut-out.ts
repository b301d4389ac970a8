import { standingOf } from '#domain/users/accounts.ts';
import { channels, publishRealtime, revokeRealtime } from '#platform/ably.ts';
import type { Id } from '#platform/id.ts';
import { revokeSessions } from './sessions.ts';

/**
 * Ends every session of somebody who is banned or suspended now, and tells their devices before
 * their realtime connections end. Reads the present state, so a late event of a lifted ban does nothing.
 */
export async function shutOut(user: Id<'user'>, eventId: string, now: Date): Promise<void> {
  const standing = await standingOf(user);
  if (standing?.status !== 'banned' && standing?.status !== 'suspended') return;
  await revokeSessions(user, { reason: standing.status }, now);
  const clientId = user.toHexString();
  const message = { reason: standing.status };
  await publishRealtime([
    { channel: channels.user(clientId), name: 'session:revoked', data: message, id: eventId },
  ]);
  await revokeRealtime(clientId);
}
