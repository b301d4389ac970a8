import { OrderCompleted } from '#domain/orders/order-events.ts';
import { planSettlement } from '#domain/orders/settlement.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Say when the money of a completed order becomes its earners’ own.',
  on: [OrderCompleted],
  effect: 'database',

  handler: ({ data: { orderId }, now }) => planSettlement(orderId, now),
});
