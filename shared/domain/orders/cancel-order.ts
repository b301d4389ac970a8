import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { after, hours } from '#platform/clock.ts';
import { type Id, sameId } from '#platform/id.ts';
import { Conflict, problem } from '#platform/problem.ts';
import { deliverIfArrived } from './deliver-order.ts';
import type { Order, OrderStatus } from './order.model.ts';
import { changeOrder, mustMoveOrder, type OrderRow } from './order-state.ts';
import { type Pieces, piecesLeft, withPieces } from './pieces.ts';
import { refundIfLeft } from './refunds.ts';
import { cancelUnpaid } from './release-order.ts';
import { shipDeadline, transitDeadline } from './ship-order.ts';

export class AlreadyAsked extends problem({
  code: 'cancellation_already_asked',
  status: 409,
  error: 'The seller has already decided about this',
}) {}

type By = NonNullable<Order['cancellation']>['by'];

interface Cancelling {
  readonly by: By;
  readonly reason: string;
  /** The goods can be sold again. */
  readonly restock: boolean;
  /** The person who did it, where one did. */
  readonly actor?: Id<'user'> | undefined;
  readonly from: readonly OrderStatus[];
}

/**
 * Cancels a paid order and gives back all that was paid and is left of it. In a transaction. Throws
 * `Conflict` where it cannot be cancelled any more.
 */
export async function cancelPaid(
  order: OrderRow,
  { by, reason, restock, actor, from }: Cancelling,
  now: Date,
): Promise<OrderRow> {
  const { requestedAt } = order.cancellation ?? {};
  const cancelled = await mustMoveOrder(
    order._id,
    'cancelled',
    {
      set: {
        cancellation: { by, reason, ...(requestedAt && { requestedAt }) },
        lines: withPieces(order, piecesLeft(order), 'cancelledQuantity'),
      },
      by: actor,
      note: reason,
      from,
      version: order.version,
    },
    now,
  );
  const everything = order.lines.map(({ id: line, quantity }) => ({ line, quantity }));
  await giveBack(
    cancelled,
    { pieces: everything, shippingMinor: 'rest', reason, by, restock },
    now,
  );
  return cancelled;
}

interface GivingBack {
  readonly pieces: readonly Pieces[];
  readonly shippingMinor: 0 | 'rest';
  readonly reason: string;
  readonly by: By;
  readonly restock: boolean;
}

/** Refunds what has not been refunded before, of these pieces and of the shipping. */
async function giveBack(
  order: OrderRow,
  { pieces, shippingMinor, reason, by, restock }: GivingBack,
  now: Date,
): Promise<void> {
  const lines = pieces.flatMap(({ line: id, quantity }) => {
    const line = order.lines.find((one) => sameId(one.id, id));
    const paid = line ? Math.min(quantity, line.quantity - line.refundedQuantity) : 0;
    return paid > 0 ? [{ line: id, quantity: paid }] : [];
  });
  const parts = { lines, shippingMinor, goodwillMinor: 0, goodwillBy: 'platform' } as const;
  await refundIfLeft({ order, parts, reason, initiatedBy: by, restock }, now);
}

/**
 * The buyer's way out: free until the seller has begun, by the seller's consent until it is sent.
 * In a transaction. Throws `Conflict` after that and `AlreadyAsked`.
 */
export async function cancelAsBuyer(order: OrderRow, reason: string, now: Date): Promise<OrderRow> {
  const { status, buyer } = order;
  if (status === 'pending_payment') return cancelUnpaid(order, { by: 'buyer', reason }, now);
  if (status === 'awaiting_shipment') return askToCancel(order, reason, now);
  const from = ['on_hold'] as const;
  return cancelPaid(order, { by: 'buyer', reason, restock: true, actor: buyer, from }, now);
}

const ASKED = 'cancellation_requested';
const DECLINED = 'cancellation_declined';

export const isAskedToCancel = ({ cancellation, status }: OrderRow): boolean =>
  status === 'awaiting_shipment' && cancellation?.requestedAt !== undefined;

async function askToCancel(order: OrderRow, reason: string, now: Date): Promise<OrderRow> {
  const asked = order.timeline.some(({ status }) => status === ASKED || status === DECLINED);
  if (asked) throw new AlreadyAsked({ current: order.status });
  const at = after(now, hours(await setting('orders.cancelConsentHours')));
  const changed = await changeOrder(
    order,
    {
      set: { cancellation: { by: 'buyer', reason, requestedAt: now } },
      deadline: { kind: 'consent', at },
      step: ASKED,
      by: order.buyer,
      note: reason,
    },
    now,
  );
  const subject = { type: 'order', id: order._id };
  await notify({ user: order.seller, type: 'order_updated', actor: order.buyer, subject }, now);
  return changed;
}

/** Does what the buyer asked for: the seller agreed, or said nothing. In a transaction. */
export async function grantCancellation(
  order: OrderRow,
  actor: Id<'user'> | undefined,
  now: Date,
): Promise<OrderRow> {
  if (!isAskedToCancel(order)) throw new Conflict({ current: order.status });
  const reason = order.cancellation?.reason ?? ASKED;
  const from = ['awaiting_shipment'] as const;
  return cancelPaid(order, { by: 'buyer', reason, restock: true, actor, from }, now);
}

/** The seller will send it all the same; from here on the buyer can only give it back. In a transaction. */
export async function declineCancellation(
  order: OrderRow,
  { by, note }: { readonly by: Id<'user'>; readonly note?: string | undefined },
  now: Date,
): Promise<OrderRow> {
  if (!isAskedToCancel(order)) throw new Conflict({ current: order.status });
  const changed = await changeOrder(
    order,
    {
      set: {},
      unset: ['cancellation'],
      deadline: shipDeadline(order, now),
      step: DECLINED,
      by,
      note,
    },
    now,
  );
  const subject = { type: 'order', id: order._id };
  await notify({ user: order.buyer, type: 'order_updated', actor: by, subject }, now);
  return changed;
}

interface SellersWish {
  /** Everything that has not been sent, unless said. */
  readonly pieces?: readonly Pieces[] | undefined;
  readonly reason: string;
  readonly restock: boolean;
  readonly by: Exclude<By, 'buyer'>;
  readonly actor?: Id<'user'> | undefined;
}

/**
 * Cancels what has not been sent: the whole order, or some pieces of it. In a transaction. Throws
 * `NotLeft` and `Conflict`.
 */
export async function cancelUnsent(
  order: OrderRow,
  { pieces, reason, restock, by, actor }: SellersWish,
  now: Date,
): Promise<OrderRow> {
  const { status, version } = order;
  if (status !== 'awaiting_shipment' && status !== 'partially_shipped')
    throw new Conflict({ current: status });
  const parts = pieces ?? piecesLeft(order);
  const lines = withPieces(order, parts, 'cancelledQuantity');
  const nothingLeft = piecesLeft({ lines }).length === 0;
  if (
    nothingLeft &&
    status === 'awaiting_shipment' &&
    lines.every((one) => one.shippedQuantity === 0)
  )
    return cancelPaid(order, { by, reason, restock, actor, from: [status] }, now);
  const step = { by: actor, note: reason };
  const changed = nothingLeft
    ? await mustMoveOrder(
        order._id,
        'shipped',
        { set: { lines }, deadline: await transitDeadline(now), version, ...step },
        now,
      )
    : await changeOrder(order, { set: { lines }, step: 'lines_cancelled', ...step }, now);
  await giveBack(changed, { pieces: parts, shippingMinor: 0, reason, by, restock }, now);
  return deliverIfArrived(changed, now);
}
