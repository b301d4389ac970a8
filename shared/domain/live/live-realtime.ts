import { channels, publishRealtime } from '#platform/ably.ts';
import { coalesce } from '#platform/coalesce.ts';
import type { Id } from '#platform/id.ts';
import { leadersOf, shownGift } from './live-gifts.ts';
import type { LiveRow } from './live-state.ts';

interface Told {
  readonly streamId: Id<'live'>;
  readonly eventId: string;
}

/** Tells those who watch what has become of the stream; `version` grows, so that older news is known as such. */
export async function announceStatus(
  stream: LiveRow,
  eventId: string,
  kind: string,
  note: string | undefined,
): Promise<void> {
  const id = stream._id.toHexString();
  const data = { kind, streamId: id, version: stream.version, ...(note && { note }) };
  await publishRealtime([{ channel: channels.live(id), name: 'live:update', data, id: eventId }]);
}

/** Shows a gift to those who watch, and who has given most: that at most once in two seconds. */
export async function announceGift(
  { streamId, eventId }: Told,
  gift: {
    readonly giftId: Id<'giftTransaction'>;
    readonly senderId: Id<'user'>;
    readonly gift: string;
    readonly quantity: number;
  },
): Promise<void> {
  const channel = channels.live(streamId.toHexString());
  const shown = await shownGift(gift.giftId);
  const data = {
    gift: gift.gift,
    quantity: gift.quantity,
    combo: shown?.combo ?? gift.quantity,
    sender: gift.senderId.toHexString(),
  };
  await publishRealtime([{ channel, name: 'live:gift', data, id: eventId }]);
  await coalesce(`live:${streamId.toHexString()}:leaderboard`, eventId, async () => {
    const leaders = (await leadersOf(streamId)).map(({ user, coins }) => ({
      user: user.toHexString(),
      coins,
    }));
    // Beside the gift itself, which has the event's own id on this channel.
    const id = `${eventId}-leaderboard`;
    await publishRealtime([{ channel, name: 'live:leaderboard', data: { leaders }, id }]);
  });
}
