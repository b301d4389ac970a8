import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import { guardedMove, type Moves } from '#platform/guarded-move.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict } from '#platform/problem.ts';
import { type Order, type OrderStatus, Orders } from './order.model.ts';
import { ORDER_EVENT_OF, OrderUpdated } from './order-events.ts';

export type OrderRow = Order & Stored & { readonly _id: Id<'order'> };

/** Where an order may go from each state. Anything else is refused. */
export const NEXT_STATUS: Moves<OrderStatus> = {
  pending_payment: ['on_hold', 'cancelled'],
  on_hold: ['awaiting_shipment', 'cancelled'],
  awaiting_shipment: ['partially_shipped', 'shipped', 'cancelled'],
  partially_shipped: ['shipped'],
  shipped: ['delivered', 'cancelled'],
  delivered: ['completed'],
  completed: [],
  cancelled: [],
};

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
  { set, deadline, by, note, from, version }: Learned,
  now: Date,
): Promise<OrderRow | null> {
  const step = {
    ...{ to, from, by, note },
    ...(version !== undefined && { where: { version } }),
    set: { ...set, ...(deadline && { deadline }) },
    unset: deadline ? [] : ['deadline'],
  };
  const order = await guardedMove(Orders, NEXT_STATUS, id, step, now);
  if (order) await announce(order, now, by);
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

interface Change {
  readonly set: Learned['set'];
  /** What no longer holds. */
  readonly unset?: readonly ('cancellation' | 'deadline')[];
  readonly deadline?: NonNullable<Order['deadline']>;
  /** What the timeline says of it. */
  readonly step: string;
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

/**
 * Changes an order that stays in its state, unless it has changed since it was read, and announces
 * that. Throws `Conflict` with the state it is in.
 */
export async function changeOrder(
  { _id, status, version }: OrderRow,
  { set, unset = [], deadline, step: name, by, note }: Change,
  now: Date,
): Promise<OrderRow> {
  if (!inTransaction()) throw new Error('changeOrder() must be called inside transaction()');
  const step = { status: name, at: now, ...(by && { by }), ...(note && { note }) };
  const order = await Orders.findOneAndUpdate(
    { _id, status, version },
    {
      $set: { ...set, ...(deadline && { deadline }) },
      ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((field) => [field, 1])) }),
      $inc: { version: 1 },
      $push: { timeline: { $each: [step], $slice: -100 } },
    },
    { returnDocument: 'after' },
  ).lean<OrderRow>();
  if (!order) throw new Conflict({ current: (await orderById(_id))?.status ?? null });
  await tellUpdated(order, now, by);
  return order;
}

/** Keeps what the seller writes down for themselves; nobody else is told. */
export async function noteForSeller({ _id }: OrderRow, sellerNote: string): Promise<void> {
  await Orders.updateOne({ _id }, { $set: { sellerNote }, $inc: { version: 1 } });
}

/** Tells that something of an order has changed besides its state. */
export async function tellUpdated(order: OrderRow, now: Date, by?: Id<'user'>): Promise<void> {
  await publish(OrderUpdated, factsOf(order), { now, ...(by && { actor: by }) });
}

/** Tells of the state an order is in, as part of the transaction that brought it there. */
export async function announce(order: OrderRow, now: Date, by?: Id<'user'>): Promise<void> {
  await publish(ORDER_EVENT_OF[order.status], factsOf(order), { now, ...(by && { actor: by }) });
}

const factsOf = ({ _id, checkout, buyer, shop, seller, status }: OrderRow) => ({
  orderId: _id,
  checkoutId: checkout,
  buyerId: buyer,
  shopId: shop,
  sellerId: seller,
  status,
});

export const orderById = (id: Id<'order'>): Promise<OrderRow | null> =>
  Orders.findOne({ _id: id }).lean<OrderRow>().exec();

/**
 * Reads an order and keeps others from changing it until this transaction has ended. For what is
 * decided from several documents of one order: else two who each change another one of them would
 * not see each other.
 */
export const holdOrder = (id: Id<'order'>): Promise<OrderRow | null> =>
  Orders.findOneAndUpdate({ _id: id }, { $inc: { version: 1 } }, { returnDocument: 'after' })
    .lean<OrderRow>()
    .exec();

/** The orders that were placed together. */
export const ordersOfCheckout = (checkout: Id<'checkout'>): Promise<OrderRow[]> =>
  Orders.find({ checkout }).sort({ shop: 1 }).lean<OrderRow[]>().exec();
