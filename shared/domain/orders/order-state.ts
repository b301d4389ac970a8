import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict } from '#platform/problem.ts';
import { ORDER_STATUSES, type Order, type OrderStatus, Orders } from './order.model.ts';
import { ORDER_EVENT_OF } from './order-events.ts';

export type OrderRow = Order & Stored & { readonly _id: Id<'order'> };

/** Where an order may go from each state. Anything else is refused. */
export const NEXT_STATUS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending_payment: ['on_hold', 'cancelled'],
  on_hold: ['awaiting_shipment', 'cancelled'],
  awaiting_shipment: ['partially_shipped', 'shipped', 'cancelled'],
  partially_shipped: ['shipped'],
  shipped: ['delivered', 'cancelled'],
  delivered: ['completed'],
  completed: [],
  cancelled: [],
};

const comingFrom = (to: OrderStatus): OrderStatus[] =>
  ORDER_STATUSES.filter((from) => NEXT_STATUS[from].includes(to));

/** What a move changes beside the status. A deadline that is not said ends with the move. */
export interface Learned {
  readonly set?: Partial<Omit<Order, 'status' | 'timeline' | 'version' | 'deadline'>>;
  readonly deadline?: Order['deadline'];
  /** Who moved it, where a person did, and what they said. */
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
  /** Refuses states that would be allowed in general. */
  readonly from?: readonly OrderStatus[];
  /** Refuses an order that has changed since it was read; for what was decided from its contents. */
  readonly version?: number;
}

/**
 * Brings an order into a state and announces it; null when it cannot go there from where it is,
 * which is what all but the first of several simultaneous callers are told.
 */
export async function moveOrder(
  id: Id<'order'>,
  to: OrderStatus,
  { set = {}, deadline, by, note, from = ORDER_STATUSES, version }: Learned,
  now: Date,
): Promise<OrderRow | null> {
  if (!inTransaction()) throw new Error('moveOrder() must be called inside transaction()');
  const allowed = comingFrom(to).filter((status) => from.includes(status));
  const step = { status: to, at: now, ...(by && { by }), ...(note && { note }) };
  const order = await Orders.findOneAndUpdate(
    { _id: id, status: { $in: allowed }, ...(version !== undefined && { version }) },
    {
      $set: { ...set, status: to, ...(deadline && { deadline }) },
      ...(!deadline && { $unset: { deadline: 1 } }),
      $inc: { version: 1 },
      $push: { timeline: { $each: [step], $slice: -100 } },
    },
    { returnDocument: 'after' },
  ).lean<OrderRow>();
  if (!order) return null;
  await announce(order, now, by);
  return order;
}

/** As `moveOrder`, for callers who rely on it. Throws `Conflict` with the state it is in. */
export async function mustMoveOrder(
  id: Id<'order'>,
  to: OrderStatus,
  learned: Learned,
  now: Date,
): Promise<OrderRow> {
  const moved = await moveOrder(id, to, learned, now);
  if (moved) return moved;
  const current = await Orders.findOne({ _id: id }, { status: 1 }).lean();
  throw new Conflict({ current: current?.status ?? null });
}

/** Tells of the state an order is in, as part of the transaction that brought it there. */
export async function announce(order: OrderRow, now: Date, by?: Id<'user'>): Promise<void> {
  const { _id: orderId, checkout: checkoutId, buyer: buyerId, shop: shopId, status } = order;
  const facts = { orderId, checkoutId, buyerId, shopId, sellerId: order.seller, status };
  await publish(ORDER_EVENT_OF[status], facts, { now, ...(by && { actor: by }) });
}

export const orderById = (id: Id<'order'>): Promise<OrderRow | null> =>
  Orders.findOne({ _id: id }).lean<OrderRow>().exec();

/** The orders that were placed together. */
export const ordersOfCheckout = (checkout: Id<'checkout'>): Promise<OrderRow[]> =>
  Orders.find({ checkout }).sort({ shop: 1 }).lean<OrderRow[]>().exec();
