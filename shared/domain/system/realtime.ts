import { channels, endpointForClients, realtimeToken } from '#platform/ably.ts';
import type { Id } from '#platform/id.ts';

const TOKEN_SECONDS = 1800;

/**
 * A token for the channels everybody may follow and, signed in, for one's own. Tokens of a live
 * stream or a chat come with joining it; nothing here lets a client publish.
 */
export async function tokenFor(user: Id<'user'> | undefined, now: Date) {
  const clientId = user?.toHexString();
  const { token, expiresAt } = realtimeToken({
    ...(clientId !== undefined && { clientId }),
    capability: {
      [channels.content('*')]: ['subscribe'],
      [channels.system]: ['subscribe'],
      ...(clientId !== undefined && { [channels.user(clientId)]: ['subscribe'] as const }),
    },
    ttlSeconds: TOKEN_SECONDS,
    now,
  });
  const endpoint = endpointForClients();
  return {
    token,
    expiresAt: expiresAt.toISOString(),
    clientId: clientId ?? null,
    ...(endpoint && { endpoint }),
  };
}
