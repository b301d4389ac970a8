import { channels, publishRealtime } from '#platform/ably.ts';
import { coalesce } from '#platform/coalesce.ts';
import type { Id } from '#platform/id.ts';
import { LiveStreams } from './live-stream.model.ts';
import { presentIn } from './participants.ts';

/** Counts who watches now and keeps the greatest number there was; nothing once it is over. */
export async function refreshAudience(stream: Id<'live'>, now: Date): Promise<number> {
  const viewers = await presentIn(stream, now);
  await LiveStreams.updateOne(
    { _id: stream, open: true },
    { $set: { 'stats.viewers': viewers }, $max: { 'stats.peak': viewers } },
  );
  return viewers;
}

/**
 * Counts the viewers of a stream and tells its channel, at most once in two seconds however many
 * come and go: that is also how often the stream’s own document is written for them.
 */
export async function announceAudience(stream: Id<'live'>, eventId: string, now: Date) {
  const id = stream.toHexString();
  await coalesce(`live:${id}:viewers`, eventId, async () => {
    const viewers = await refreshAudience(stream, now);
    const data = { kind: 'viewers', streamId: id, viewers };
    await publishRealtime([{ channel: channels.live(id), name: 'live:update', data, id: eventId }]);
  });
}
