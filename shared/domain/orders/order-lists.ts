import type { Actor } from '#platform/access.ts';
import { type Id, sameId } from '#platform/id.ts';
import { findPage, named, type PageQuery } from '#platform/page.ts';
import { NotFound } from '#platform/problem.ts';
import { ORDER_STATUSES, Orders } from './order.model.ts';
import type { OrderRow } from './order-state.ts';
import { type OrderViewer, toOrderView } from './order-view.ts';

// The rows of a page are what the model says, with the ids of orders.
const shown = (viewer: OrderViewer) => (row: unknown) => toOrderView(row as OrderRow, viewer);

/** What somebody has ordered, newest first. */
export const ordersOf = async (buyer: Id<'user'>, query: PageQuery) => {
  const page = await findPage({
    model: Orders,
    where: { buyer },
    sort: { field: 'createdAt', direction: -1 },
    scope: `orders:${buyer.toHexString()}`,
    query,
  });
  return named('orders', page, shown('buyer'));
};

/** The states in which a seller knows of an order. */
export const SELLER_STATUSES = ORDER_STATUSES.filter((status) => status !== 'pending_payment');
type SellerStatus = (typeof SELLER_STATUSES)[number];

interface Wanted {
  readonly status?: SellerStatus | undefined;
  /** `due`: what has a deadline, the nearest first. */
  readonly view: 'orders' | 'due';
}

/** What was ordered of a shop and paid. */
export async function ordersOfShop(shop: Id<'shop'>, { status, view }: Wanted, query: PageQuery) {
  const due = view === 'due';
  const page = await findPage({
    model: Orders,
    where: {
      shop,
      ...(status && { status }),
      ...(due && { 'deadline.at': { $exists: true } }),
      paidAt: { $exists: true },
    },
    sort: due ? { field: 'deadline.at', direction: 1 } : { field: 'createdAt', direction: -1 },
    scope: `shop-orders:${shop.toHexString()}:${view}:${status ?? ''}`,
    query,
  });
  return named('orders', page, shown('seller'));
}

interface Seen {
  readonly order: OrderRow;
  readonly viewer: OrderViewer;
}

/**
 * An order and as what this person sees it: its buyer, its seller once it is paid, or staff with
 * `orders.read`. Throws `NotFound` for everybody else.
 */
export async function orderSeenBy(
  actor: Pick<Actor, 'id' | 'role' | 'permissions'>,
  id: Id<'order'>,
): Promise<Seen> {
  const staff = actor.role === 'admin' && actor.permissions.includes('orders.read');
  const involved = { $or: [{ buyer: actor.id }, { seller: actor.id, paidAt: { $exists: true } }] };
  const order = await Orders.findOne({ _id: id, ...(!staff && involved) }).lean<OrderRow>();
  if (!order) throw new NotFound();
  if (sameId(order.buyer, actor.id)) return { order, viewer: 'buyer' };
  return { order, viewer: sameId(order.seller, actor.id) ? 'seller' : 'staff' };
}

/** Somebody's own order. Throws `NotFound`. */
export async function orderOfBuyer(buyer: Id<'user'>, id: Id<'order'>): Promise<OrderRow> {
  const order = await Orders.findOne({ _id: id, buyer }).lean<OrderRow>();
  if (!order) throw new NotFound();
  return order;
}

/** A paid order of a shop. Throws `NotFound`. */
export async function orderOfShop(shop: Id<'shop'>, id: Id<'order'>): Promise<OrderRow> {
  const order = await Orders.findOne({ _id: id, shop, paidAt: { $exists: true } }).lean<OrderRow>();
  if (!order) throw new NotFound();
  return order;
}
