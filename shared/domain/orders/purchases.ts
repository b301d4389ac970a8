import { type Id, sameId } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { type OrderStatus, Orders } from './order.model.ts';
import type { OrderRow } from './order-state.ts';

/** What somebody bought and has got. */
export interface Purchase {
  readonly order: Id<'order'>;
  readonly product: Id<'product'>;
  readonly variant: Id<'variant'>;
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
}

const ARRIVED: readonly OrderStatus[] = ['delivered', 'completed'];

/**
 * A line that this person bought and that has arrived. Throws `NotFound` for anything that is not
 * theirs, and `Conflict` with the order's state while it has not arrived.
 */
export async function purchasedLine(buyer: Id<'user'>, id: Id<'line'>): Promise<Purchase> {
  const order = await Orders.findOne({ 'lines.id': id, buyer }).lean<OrderRow>();
  const line = order?.lines.find((one) => sameId(one.id, id));
  if (!order || !line) throw new NotFound();
  if (!ARRIVED.includes(order.status)) throw new Conflict({ current: order.status });
  const { _id, shop, seller } = order;
  return { order: _id, product: line.product, variant: line.variant, shop, seller };
}
