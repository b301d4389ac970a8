import { followOrder } from '#domain/orders/order-effects.ts';
import { ORDER_STEPS } from '#domain/orders/order-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell those involved how an order goes on, and count it for the shop.',
  on: ORDER_STEPS,
  effect: 'database',

  handler: ({ data, now }) => followOrder(data, now),
});
