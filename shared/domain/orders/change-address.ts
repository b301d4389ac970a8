import type { PostalAddress } from '#domain/cart/quote.ts';
import { Conflict, problem } from '#platform/problem.ts';
import type { OrderStatus } from './order.model.ts';
import { changeOrder, type OrderRow } from './order-state.ts';

export class OtherDestination extends problem({
  code: 'other_destination',
  status: 409,
  error: 'Shipping and tax were paid for another country',
}) {}

const NOT_SENT: readonly OrderStatus[] = ['pending_payment', 'on_hold', 'awaiting_shipment'];

/**
 * Sends an order somewhere else in the same country, as long as nothing was sent. In a transaction.
 * Throws `Conflict` and `OtherDestination`.
 */
export async function changeAddress(
  order: OrderRow,
  address: PostalAddress,
  now: Date,
): Promise<OrderRow> {
  const { status, address: before, buyer } = order;
  if (!NOT_SENT.includes(status)) throw new Conflict({ current: status });
  if (address.country !== before.country) throw new OtherDestination({ current: before.country });
  return changeOrder(order, { set: { address }, step: 'address_changed', by: buyer }, now);
}
