import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { cancelPaid, cancelUnsent, grantCancellation } from './cancel-order.ts';
import { completeOrder, deliverOrder, isContested } from './deliver-order.ts';
import { type OrderDeadline, Orders } from './order.model.ts';
import { changeOrder, type OrderRow } from './order-state.ts';
import { confirmOrder } from './ship-order.ts';
import { shipmentsOf } from './shipments.ts';

/** What happens when nobody did anything; what is not paid is the checkout's own matter. */
type Kind = Exclude<OrderDeadline, 'pay'>;
type Ending = (order: OrderRow, now: Date) => Promise<unknown>;

const WHEN_DUE: Readonly<Record<Kind, Ending>> = {
  confirm: ({ _id }, now) => confirmOrder(_id, now),
  ship: remind,
  late: onceDecided((order, now) =>
    cancelUnsent(order, { reason: NOT_SHIPPED, restock: false, by: 'system' }, now),
  ),
  consent: onceDecided((order, now) => grantCancellation(order, undefined, now)),
  transit: arrive,
  complete: (order, now) =>
    isContested(order) ? postpone(order, now) : completeOrder(order, undefined, now),
};

export const DEADLINES: readonly Kind[] = [
  'confirm',
  'ship',
  'late',
  'consent',
  'transit',
  'complete',
];

/** Why an order was cancelled whose seller did not send it: it counts as their doing. */
export const NOT_SHIPPED = 'not_shipped';

/** Orders of which one deadline is over, the longest first. */
export const ordersDue = (kind: OrderDeadline, now: Date, limit: number): Promise<OrderRow[]> =>
  Orders.find({
    'deadline.kind': kind,
    // `$exists` repeats the index's own condition, without which not every engine uses it.
    'deadline.at': { $exists: true, $lte: now },
  })
    .sort({ 'deadline.at': 1, _id: 1 })
    .limit(limit)
    .lean<OrderRow[]>()
    .exec();

/** Does what was to happen, unless somebody was faster. */
export const endDeadline = (kind: Kind, id: Id<'order'>, now: Date): Promise<void> =>
  transaction(async () => {
    const order = await Orders.findOne({
      _id: id,
      'deadline.kind': kind,
      'deadline.at': { $lte: now },
    }).lean<OrderRow>();
    if (order) await WHEN_DUE[kind](order, now);
  });

/** The seller is late: both are told, and the order is cancelled when it stays like that. */
async function remind(order: OrderRow, now: Date): Promise<void> {
  const { _id, buyer, seller, shipBy = now } = order;
  const at = after(shipBy, days(await setting('orders.lateCancelDays')));
  await changeOrder(order, { set: {}, deadline: { kind: 'late', at }, step: 'late' }, now);
  const subject = { type: 'order', id: _id };
  for (const user of [buyer, seller]) await notify({ user, type: 'order_updated', subject }, now);
}

/** Taken for delivered, unless all of it came back to the seller. */
async function arrive(order: OrderRow, now: Date): Promise<unknown> {
  const parcels = (await shipmentsOf(order._id)).filter(({ direction }) => direction === 'out');
  if (parcels.every(({ status }) => status === 'returned_to_sender')) return takeBack(order, now);
  return deliverOrder(order, {}, now);
}

const takeBack: Ending = onceDecided((order, now) => {
  const from = ['shipped'] as const;
  const why = { by: 'system', reason: 'returned_to_sender', restock: false, from } as const;
  return cancelPaid(order, why, now);
});

/** Gives money back only when the buyer's bank does not have it in its hands. */
function onceDecided(end: Ending): Ending {
  return (order, now) => (order.disputed ? postpone(order, now) : end(order, now));
}

const POSTPONED_DAYS = 1;

/** Asked again tomorrow. */
async function postpone({ _id, version }: OrderRow, now: Date): Promise<void> {
  await Orders.updateOne(
    { _id, version },
    { $set: { 'deadline.at': after(now, days(POSTPONED_DAYS)) }, $inc: { version: 1 } },
  );
}
