import { RETURN_EVENTS, ReturnRequested } from '#domain/orders/return-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show buyer and shop how far a return is.',
  on: RETURN_EVENTS,
  effect: 'outside',

  handler: async ({ data: { returnId, orderId, buyerId, shopId, status }, type, eventId }) => {
    const data = { returnId: returnId.toHexString(), orderId: orderId.toHexString(), status };
    const name = type === ReturnRequested.type ? 'return:new' : 'return:update';
    await publishRealtime([
      { channel: channels.user(buyerId.toHexString()), name: 'return:update', data, id: eventId },
      { channel: channels.shop(shopId.toHexString()), name, data, id: eventId },
    ]);
  },
});
