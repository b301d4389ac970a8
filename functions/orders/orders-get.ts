import { z } from 'zod';
import { orderSeenBy } from '#domain/orders/order-lists.ts';
import { OrderStep, OrderView, timelineOf, toOrderView } from '#domain/orders/order-view.ts';
import { RefundView, toRefundView } from '#domain/orders/refund-view.ts';
import { refundsOf } from '#domain/orders/refunds.ts';
import { returnsOf } from '#domain/orders/return-state.ts';
import { ReturnView, toReturnView } from '#domain/orders/return-view.ts';
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
    returns: z.array(ReturnView),
    refunds: z.array(RefundView),
  }),

  handler: async ({ actor, params: { id } }) => {
    const { order, viewer } = await orderSeenBy(actor, id);
    const [shipments, returns, refunds] = await Promise.all([
      shipmentsOf(id),
      returnsOf(id),
      refundsOf(id),
    ]);
    return {
      order: toOrderView(order, viewer),
      timeline: timelineOf(order),
      shipments: shipments.map(toShipmentView),
      returns: returns.map(toReturnView),
      refunds: refunds.map(toRefundView),
    };
  },
});
