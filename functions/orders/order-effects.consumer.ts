import { followOrder } from '#domain/orders/order-effects.ts';
import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderDelivered,
  OrderPaid,
  OrderPartiallyShipped,
  OrderShipped,
} from '#domain/orders/order-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell those involved how an order goes on, and count it for the shop.',
  on: [
    OrderPaid,
    OrderConfirmed,
    OrderPartiallyShipped,
    OrderShipped,
    OrderDelivered,
    OrderCompleted,
    OrderCancelled,
  ],
  effect: 'database',

  handler: ({ data, now }) => followOrder(data, now),
});
