import { shopById } from '#domain/sellers/shops.ts';
import { setting } from '#domain/system/settings.ts';
import { after, days } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import { mustMoveOrder, type OrderRow } from './order-state.ts';
import { shipmentsOf } from './shipments.ts';

export class ReturnOpen extends problem({
  code: 'return_open',
  status: 409,
  error: 'A return or a dispute of this order is not decided yet',
}) {}

interface Doer {
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

/**
 * The buyer has it: from now on they can give it back. In a transaction. The window counts from
 * when we learn of it, however long ago the carrier says. Throws `Conflict` unless it was on its way.
 */
export async function deliverOrder(
  order: OrderRow,
  { by, note }: Doer,
  now: Date,
): Promise<OrderRow> {
  const deadline = { kind: 'complete', at: await windowEnds(order, now) } as const;
  const learned = { set: { deliveredAt: now }, deadline, by, note };
  return mustMoveOrder(order._id, 'delivered', learned, now);
}

/** As the shop promises, and never less than everybody's right. */
async function windowEnds({ shop }: OrderRow, deliveredAt: Date): Promise<Date> {
  const promised = (await shopById(shop))?.returnPolicy.days ?? 0;
  return after(deliveredAt, days(Math.max(promised, await setting('returns.windowDays'))));
}

/** Delivers an order whose parcels have all arrived; any other stays as it is. In a transaction. */
export async function deliverIfArrived(order: OrderRow, now: Date): Promise<OrderRow> {
  if (order.status !== 'shipped') return order;
  const parcels = (await shipmentsOf(order._id)).filter(({ direction }) => direction === 'out');
  const arrived = parcels.length > 0 && parcels.every(({ deliveredAt }) => deliveredAt);
  return arrived ? deliverOrder(order, {}, now) : order;
}

/** Something keeps an order from being completed and settled. */
export const isContested = ({ returnStatus, disputed }: OrderRow): boolean =>
  returnStatus === 'open' || disputed === true;

/** Ends an order that has been delivered. In a transaction. Throws `Conflict` and `ReturnOpen`. */
export async function completeOrder(
  order: OrderRow,
  by: Id<'user'> | undefined,
  now: Date,
): Promise<OrderRow> {
  if (isContested(order)) throw new ReturnOpen({ current: order.status });
  const { _id, version } = order;
  return mustMoveOrder(_id, 'completed', { set: { completedAt: now }, by, version }, now);
}

/** The buyer says that all is well, also before the carrier does. In a transaction. */
export async function confirmReceipt(order: OrderRow, now: Date): Promise<OrderRow> {
  if (order.status !== 'shipped') return completeOrder(order, order.buyer, now);
  if (isContested(order)) throw new ReturnOpen({ current: order.status });
  const delivered = await deliverOrder(order, { by: order.buyer }, now);
  return completeOrder(delivered, order.buyer, now);
}
