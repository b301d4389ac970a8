import { type NotificationType, notify } from '#domain/notifications/notifications.ts';
import { countForShop } from '#domain/sellers/shop-metrics.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import type { DataOf } from '#platform/event.ts';
import type { Id } from '#platform/id.ts';
import type { OrderStatus } from './order.model.ts';
import { NOT_SHIPPED } from './order-deadlines.ts';
import type { OrderPaid } from './order-events.ts';
import { type OrderRow, orderById } from './order-state.ts';

type Facts = DataOf<typeof OrderPaid>;

/** What the buyer and the seller are told when an order comes to a state. That it was paid they know. */
const TOLD: Readonly<
  Partial<Record<OrderStatus, { buyer?: NotificationType; seller?: NotificationType }>>
> = {
  awaiting_shipment: { seller: 'order_updated' },
  partially_shipped: { buyer: 'order_updated' },
  shipped: { buyer: 'order_updated' },
  delivered: { buyer: 'order_updated', seller: 'order_received' },
  completed: { buyer: 'review_invited' },
  cancelled: { buyer: 'order_updated', seller: 'order_updated' },
};

/** Tells those involved, and counts for the shop; in a transaction, once for each event. */
export async function followOrder({ orderId, status }: Facts, now: Date): Promise<void> {
  const order = await orderById(orderId);
  if (!order) return;
  const { buyer, seller, shop, paidAt } = order;
  const told = TOLD[status];
  if (told?.buyer) await tell(order, buyer, told.buyer, now);
  // A seller never heard of what was not paid.
  if (told?.seller && paidAt) await tell(order, seller, told.seller, now);
  if (status === 'cancelled' && isSellersDoing(order))
    await countForShop(shop, 'cancelledBySeller');
  if (status === 'on_hold') await countForShop(shop, 'orders');
}

const tell = ({ _id }: OrderRow, user: Id<'user'>, type: NotificationType, now: Date) =>
  notify({ user, type, subject: { type: 'order', id: _id } }, now);

const isSellersDoing = ({ cancellation }: OrderRow): boolean =>
  cancellation?.by === 'seller' || cancellation?.reason === NOT_SHIPPED;

/** Shows buyer and shop at once how an order is now, whichever news led to it. */
export async function showOrder(
  orderId: Id<'order'>,
  name: string,
  eventId: string,
): Promise<void> {
  const order = await orderById(orderId);
  if (!order) return;
  const { buyer, shop, status, returnStatus, paidAt } = order;
  const data = { orderId: orderId.toHexString(), status, returnStatus };
  const toBuyer = { channel: channels.user(buyer.toHexString()), name: 'order:update' };
  const toShop = { channel: channels.shop(shop.toHexString()), name };
  const all = paidAt ? [toBuyer, toShop] : [toBuyer];
  await publishRealtime(all.map((message) => ({ ...message, data, id: eventId })));
}
