import { REFUND_EVENTS } from '#domain/orders/refund-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show buyer and shop how far a refund is.',
  on: REFUND_EVENTS,
  effect: 'outside',

  handler: async ({ data: { orderId, refundId, buyerId, shopId, status }, eventId }) => {
    const data = {
      orderId: orderId.toHexString(),
      refund: { id: refundId.toHexString(), status },
    };
    const message = { name: 'order:update', data, id: eventId };
    await publishRealtime([
      { ...message, channel: channels.user(buyerId.toHexString()) },
      { ...message, channel: channels.shop(shopId.toHexString()) },
    ]);
  },
});
