import { z } from 'zod';
import {
  channels,
  endpointForClients,
  type RealtimeCapability,
  realtimeToken,
} from '#platform/ably.ts';
import type { Id } from '#platform/id.ts';

const TOKEN_SECONDS = 1800;

export const RealtimeToken = z.object({
  token: z.string(),
  expiresAt: z.iso.datetime(),
  clientId: z.string().nullable(),
  /** Where clients connect, when that is not Ably’s own address. */
  endpoint: z.url().optional(),
});

/**
 * A token for the channels everybody may follow and, signed in, for one's own; and for what a room
 * adds for those it has let in. A client has one token: the newer replaces the older.
 */
export function tokenFor(
  user: Id<'user'> | undefined,
  now: Date,
  more: RealtimeCapability = {},
): z.infer<typeof RealtimeToken> {
  const clientId = user?.toHexString();
  const { token, expiresAt } = realtimeToken({
    ...(clientId !== undefined && { clientId }),
    capability: {
      [channels.content('*')]: ['subscribe'],
      [channels.system]: ['subscribe'],
      ...(clientId !== undefined && { [channels.user(clientId)]: ['subscribe'] as const }),
      ...more,
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
