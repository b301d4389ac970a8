import { setting } from '#domain/system/settings.ts';
import { after, days } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { Conflict, problem } from '#platform/problem.ts';
import type { Order, OrderStatus } from './order.model.ts';
import { changeOrder, mustMoveOrder, type OrderRow } from './order-state.ts';
import { type Pieces, piecesLeft, summed, withPieces } from './pieces.ts';
import { type ParcelWish, registerParcel } from './shipments.ts';

export class AskedToCancel extends problem({
  code: 'cancellation_requested',
  status: 409,
  error: 'The buyer asks to cancel: agree or decline first',
}) {}

type Deadline = NonNullable<Order['deadline']>;

/** The free time to cancel is over: the seller is shown the address and told to ship. In a transaction. */
export async function confirmOrder(id: Id<'order'>, now: Date): Promise<OrderRow> {
  const shipBy = after(now, days(await setting('orders.shipDays')));
  const deadline = { kind: 'ship', at: shipBy } as const;
  return mustMoveOrder(id, 'awaiting_shipment', { set: { shipBy }, deadline }, now);
}

/** When the seller is late with what they have to ship. */
export const shipDeadline = ({ shipBy }: OrderRow, now: Date): Deadline => ({
  kind: 'ship',
  at: shipBy ?? now,
});

/** When a parcel that nobody tells about is taken for delivered. */
export const transitDeadline = async (now: Date): Promise<Deadline> => ({
  kind: 'transit',
  at: after(now, days(await setting('orders.transitDays'))),
});

export interface Parcel extends Pick<ParcelWish, 'carrier' | 'trackingNo'> {
  /** Everything that is left, unless said. */
  readonly pieces?: readonly Pieces[] | undefined;
}

const SHIPPABLE: readonly OrderStatus[] = ['awaiting_shipment', 'partially_shipped'];

/**
 * Sends one parcel of an order. In a transaction: of two who send the same piece, one is told
 * `NotLeft`. Throws `Conflict`, `AskedToCancel` and `TrackingNumberUsed` too.
 */
export async function shipParcel(
  order: OrderRow,
  { carrier, trackingNo, pieces }: Parcel,
  by: Id<'user'>,
  now: Date,
): Promise<OrderRow> {
  const { _id, status, version, deadline } = order;
  if (!SHIPPABLE.includes(status)) throw new Conflict({ current: status });
  if (status === 'awaiting_shipment' && order.cancellation?.requestedAt)
    throw new AskedToCancel({ current: status });
  const sent = summed(pieces ?? piecesLeft(order));
  const lines = withPieces(order, sent, 'shippedQuantity');
  await registerParcel(order, { direction: 'out', lines: sent, carrier, trackingNo });
  const note = `${carrier} ${trackingNo}`;
  if (piecesLeft({ lines }).length === 0) {
    const deadlineOfTransit = await transitDeadline(now);
    const learned = { set: { lines }, deadline: deadlineOfTransit, by, note, version };
    return mustMoveOrder(_id, 'shipped', learned, now);
  }
  if (status === 'partially_shipped')
    return changeOrder(order, { set: { lines }, step: 'parcel_sent', by, note }, now);
  const learned = { set: { lines }, ...(deadline && { deadline }), by, note, version };
  return mustMoveOrder(_id, 'partially_shipped', learned, now);
}
