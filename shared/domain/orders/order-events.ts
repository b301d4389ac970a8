import { z } from 'zod';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { ORDER_STATUSES, type OrderStatus } from './order.model.ts';

const OrderFacts = z.object({
  orderId: idOf('order'),
  checkoutId: idOf('checkout'),
  buyerId: idOf('user'),
  shopId: idOf('shop'),
  sellerId: idOf('user'),
  status: z.enum(ORDER_STATUSES),
});
const about = {
  topic: 'order',
  data: OrderFacts,
  subject: ['order', 'orderId'],
  orderedBy: 'orderId',
} as const;

export const OrderCreated = event({ ...about, type: 'order.created' });
/** The money is in the books and the stock is the buyer's; it may still be cancelled freely. */
export const OrderPaid = event({ ...about, type: 'order.paid' });
/** The seller is to ship it. */
export const OrderConfirmed = event({ ...about, type: 'order.confirmed' });
export const OrderPartiallyShipped = event({ ...about, type: 'order.partially_shipped' });
export const OrderShipped = event({ ...about, type: 'order.shipped' });
export const OrderDelivered = event({ ...about, type: 'order.delivered' });
export const OrderCompleted = event({ ...about, type: 'order.completed' });
export const OrderCancelled = event({ ...about, type: 'order.cancelled' });

/** Something else than its state has changed: parcels, lines, the address, or what is asked for. */
export const OrderUpdated = event({ ...about, type: 'order.updated' });

/** How an order goes on once it is paid for, or ends before. */
export const ORDER_STEPS = [
  ...([OrderPaid, OrderConfirmed, OrderPartiallyShipped, OrderShipped] as const),
  ...([OrderDelivered, OrderCompleted, OrderCancelled] as const),
] as const;

/** The event of each state that an order can come to. */
export const ORDER_EVENT_OF: Readonly<
  Record<OrderStatus, EventType<`order.${string}`, typeof OrderFacts>>
> = {
  pending_payment: OrderCreated,
  on_hold: OrderPaid,
  awaiting_shipment: OrderConfirmed,
  partially_shipped: OrderPartiallyShipped,
  shipped: OrderShipped,
  delivered: OrderDelivered,
  completed: OrderCompleted,
  cancelled: OrderCancelled,
};
