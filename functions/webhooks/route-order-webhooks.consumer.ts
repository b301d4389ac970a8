import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderPaid,
  OrderPartiallyShipped,
  OrderShipped,
} from '#domain/orders/order-events.ts';
import { routeEvent } from '#domain/webhooks/deliveries.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Put what happens to orders on its way to the webhooks of their shops.',
  on: [
    OrderCreated,
    OrderPaid,
    OrderConfirmed,
    OrderPartiallyShipped,
    OrderShipped,
    OrderDelivered,
    OrderCompleted,
    OrderCancelled,
  ],
  effect: 'database',

  handler: async ({ type, data: { shopId, ...facts }, eventId, occurredAt, now }) => {
    const data = { shopId: shopId.toHexString(), ...plain(facts) };
    await routeEvent({ shop: shopId, eventId, type, occurredAt, data }, now);
  },
});

const plain = (facts: object) => JSON.parse(JSON.stringify(facts)) as Record<string, unknown>;
