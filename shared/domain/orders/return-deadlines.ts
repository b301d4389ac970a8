import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { receive } from './act-on-return.ts';
import { orderById } from './order-state.ts';
import { type ReturnDeadline, ReturnRequests } from './return.model.ts';
import { closeRejected, moveReturn, type ReturnRow, returnById } from './return-state.ts';
import { approveReturn, refundInFull } from './settle-return.ts';
import { type ParcelNews, Shipments } from './shipment.model.ts';
import type { ShipmentRow } from './shipments.ts';

/** How long the seller has to say in what condition a parcel came. */
const ARRIVED_MS = days(3);

const arrived = (row: ReturnRow, now: Date): Promise<ReturnRow> =>
  moveOn(row, { kind: 'arrived', at: after(now, ARRIVED_MS) }, now);

type Ending = (row: ReturnRow, now: Date) => Promise<unknown>;

/** What happens when nobody did anything. */
const WHEN_DUE: Readonly<Record<ReturnDeadline, Ending>> = {
  answer: onceDecided((row, now) => approveReturn(row, { by: 'system' }, now)),
  ship: (row, now) => moveReturn(row, 'expired', {}, now),
  transit: arrived,
  arrived: (row, now) => receive(row, {}, now),
  settle: onceDecided((row, now) => refundInFull(row, { by: 'system' }, now)),
  appeal: closeRejected,
};

const POSTPONED_MS = days(1);

/** Gives money back only when the buyer's bank does not have it in its hands; else asks again tomorrow. */
function onceDecided(end: Ending): Ending {
  return async (row, now) => {
    const order = await orderById(row.order);
    if (!order?.disputed) return end(row, now);
    const { _id, version } = row;
    return ReturnRequests.updateOne(
      { _id, version },
      { $set: { 'deadline.at': after(now, POSTPONED_MS) }, $inc: { version: 1 } },
    );
  };
}

/** Returns of which a deadline is over, the longest first. */
export const returnsDue = (now: Date, limit: number): Promise<ReturnRow[]> =>
  // `$exists` repeats the index's own condition, without which not every engine uses it.
  ReturnRequests.find({ 'deadline.at': { $exists: true, $lte: now } })
    .sort({ 'deadline.at': 1, _id: 1 })
    .limit(limit)
    .lean<ReturnRow[]>()
    .exec();

/** Does what was to happen, unless somebody was faster. */
export const passReturnDeadline = ({ _id }: ReturnRow, now: Date): Promise<void> =>
  transaction(async () => {
    const row = await returnById(_id);
    if (row?.deadline && row.deadline.at <= now) await WHEN_DUE[row.deadline.kind](row, now);
  });

/** A return is on its way: what its carrier says comes late, twice and in any order. */
async function moveOn(
  row: ReturnRow,
  deadline: NonNullable<ReturnRow['deadline']>,
  now: Date,
): Promise<ReturnRow> {
  if (row.status === 'awaiting_parcel') return moveReturn(row, 'in_transit', { deadline }, now);
  const { _id, version } = row;
  await ReturnRequests.updateOne(
    { _id, version, status: 'in_transit' },
    { $set: { deadline }, $inc: { version: 1 } },
  );
  return row;
}

const MOVING: readonly ParcelNews[] = ['in_transit', 'out_for_delivery'];

/** Follows what a carrier said of a parcel that goes back; in a transaction. */
export async function followReturnParcel(
  {
    carrier,
    trackingNo,
    status,
  }: Pick<ShipmentRow, 'carrier' | 'trackingNo'> & { status: ParcelNews },
  now: Date,
): Promise<void> {
  if (!MOVING.includes(status)) return;
  const parcel = await Shipments.findOne({ carrier, trackingNo }).lean<ShipmentRow>();
  const row = parcel?.return ? await returnById(parcel.return) : null;
  if (row?.status === 'awaiting_parcel' && row.deadline) await moveOn(row, row.deadline, now);
}

/** A parcel is back at the seller, who has some days to look at it; in a transaction. */
export async function returnParcelArrived(id: Id<'return'>, now: Date): Promise<void> {
  const row = await returnById(id);
  const onItsWay = row?.status === 'awaiting_parcel' || row?.status === 'in_transit';
  if (row && onItsWay && row.deadline?.kind !== 'arrived') await arrived(row, now);
}
