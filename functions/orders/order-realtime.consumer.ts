import { showOrder } from '#domain/orders/order-effects.ts';
import { ORDER_STEPS, OrderPaid, OrderUpdated } from '#domain/orders/order-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show buyer and shop at once how an order is now.',
  on: [...ORDER_STEPS, OrderUpdated],
  effect: 'outside',

  handler: ({ type, data: { orderId }, eventId }) =>
    showOrder(orderId, type === OrderPaid.type ? 'order:new' : 'order:update', eventId),
});
