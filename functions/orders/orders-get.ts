import { z } from 'zod';
import { orderSeenBy } from '#domain/orders/order-lists.ts';
import { OrderStep, OrderView, timelineOf, toOrderView } from '#domain/orders/order-view.ts';
import { ShipmentView, shipmentsOf, toShipmentView } from '#domain/orders/shipments.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show an order with all that has become of it, to its buyer, its seller and staff.',
  method: 'GET',
  path: '/api/orders/:id',
  access: 'user',
  rateLimit: perActor(240, 'minute'),
  params: z.object({ id: idOf('order') }),
  output: z.object({
    order: OrderView,
    timeline: z.array(OrderStep),
    shipments: z.array(ShipmentView),
  }),

  handler: async ({ actor, params: { id } }) => {
    const { order, viewer } = await orderSeenBy(actor, id);
    const shipments = await shipmentsOf(id);
    return {
      order: toOrderView(order, viewer),
      timeline: timelineOf(order),
      shipments: shipments.map(toShipmentView),
    };
  },
});
