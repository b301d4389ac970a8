import { z } from 'zod';
import { RealtimeToken, tokenFor } from '#domain/system/realtime.ts';
import { channels } from '#platform/ably.ts';
import { type AgoraRole, agoraToken } from '#platform/agora.ts';
import type { Id } from '#platform/id.ts';
import type { LiveRow } from './live-state.ts';
import { StreamView, viewOf } from './streams.ts';

/** What lets somebody into a stream: at the video provider, and on its realtime channel. */
export const Entry = z.object({
  stream: StreamView,
  /** For the video provider; null for a stream that is only scheduled. */
  token: z.string().nullable(),
  channel: z.string(),
  /** Who the token is for at the provider: the same in this stream each time. */
  uid: z.int(),
  appId: z.string(),
  expiresAt: z.iso.datetime().nullable(),
  /** For `live:{id}` and what everybody may follow, in place of the token one had. */
  realtime: RealtimeToken,
});

interface Wish {
  readonly user: Id<'user'>;
  readonly uid: number;
  readonly role: AgoraRole;
}

export async function entryTo(
  stream: LiveRow,
  { user, uid, role }: Wish,
  now: Date,
): Promise<z.infer<typeof Entry>> {
  const { channel } = stream;
  const signed = await agoraToken({ channel, uid, role }, now);
  const planned = stream.status === 'scheduled';
  const id = stream._id.toHexString();
  return {
    stream: await viewOf(stream),
    ...{ channel, uid, appId: signed.appId },
    token: planned ? null : signed.token,
    expiresAt: planned ? null : signed.expiresAt.toISOString(),
    realtime: tokenFor(user, now, {
      [channels.live(id)]: ['subscribe', 'presence'],
      [channels.hearts(id)]: ['subscribe', 'publish'],
    }),
  };
}
