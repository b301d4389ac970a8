import { deliver } from '#domain/webhooks/deliver.ts';
import { DeliveryRequested } from '#domain/webhooks/webhook-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Post an event to an address of a partner, signed.',
  on: [DeliveryRequested],
  effect: 'outside',

  handler: ({ data: { deliveryId }, now }) => deliver(deliveryId, now),
});
