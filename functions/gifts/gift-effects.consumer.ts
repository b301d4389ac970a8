import { GiftSent } from '#domain/gifts/gift-events.ts';
import { showGift } from '#domain/live/live-gifts.ts';
import { announceGift } from '#domain/live/live-realtime.ts';
import { streamById } from '#domain/live/streams.ts';
import { summarise } from '#domain/live/summary.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { settle } from '#domain/wallet/settle.ts';
import { tellOwners } from '#domain/wallet/wallet-realtime.ts';
import { coalesce } from '#platform/coalesce.ts';
import { consumer } from '#platform/consumer.ts';
import { transaction } from '#platform/database.ts';
import type { DataOf } from '#platform/event.ts';
import { toId } from '#platform/id.ts';
import { claimEvent } from '#platform/idempotency.ts';

export default consumer({
  summary: 'Show a gift, tell who got it, and bring both balances up to date.',
  on: [GiftSent],
  // The rows are one transaction that claims the event; what is told after it has the event's id.
  effect: 'outside',

  handler: async ({ data, eventId, now }) => {
    await transaction(async () => {
      if (await claimEvent('giftEffects', eventId, now)) await writeDown(data, now);
    });
    const { contextType, contextId, receiverId, senderId } = data;
    if (contextType === 'live') {
      const streamId = toId<'live'>(contextId.toHexString());
      await announceGift({ streamId, eventId }, data);
      // Paid for in the moment in which the stream ended: its sums are made again.
      const stream = await streamById(streamId);
      if (stream?.endedAt) await summarise(stream, now);
    }
    await tellOwners([senderId], eventId, now);
    // Hundreds give to one within a second: they are folded and told of together.
    await coalesce(`wallet:${receiverId.toHexString()}`, eventId, async () => {
      await settle(receiverId, now);
      await tellOwners([receiverId], eventId, now);
    });
  },
});

async function writeDown(gift: DataOf<typeof GiftSent>, now: Date): Promise<void> {
  const { receiverId: user, senderId: actor, contextType, contextId } = gift;
  if (contextType === 'live') await showGift(gift, now);
  const subject = { type: contextType, id: contextId };
  const groupKey = `gift_received:${contextId.toHexString()}`;
  await notify({ user, type: 'gift_received', actor, subject, groupKey }, now);
}
