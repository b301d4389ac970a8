import { inTransaction } from '#platform/database.ts';
import { log } from '#platform/log.ts';
import { publish } from '#platform/outbox.ts';
import { deliverIfArrived } from './deliver-order.ts';
import { holdOrder, tellUpdated } from './order-state.ts';
import {
  PARCEL_STATUSES,
  type ParcelNews,
  type ParcelStatus,
  type Shipment,
  Shipments,
} from './shipment.model.ts';
import { ShipmentDelivered } from './shipment-events.ts';
import type { ShipmentRow } from './shipments.ts';

type Event = Shipment['events'][number];

export interface CarrierNews extends Pick<Shipment, 'carrier' | 'trackingNo'> {
  readonly status: ParcelNews;
  /** By the carrier's clock. */
  readonly at: Date;
  readonly note?: string | undefined;
}

const MOST_EVENTS = 100;

const rank = (news: ParcelNews): number => PARCEL_STATUSES.findIndex((status) => status === news);

/** How far a parcel is after this news: what has been delivered is never on its way again. */
export const furthest = (known: ParcelStatus, news: ParcelNews): ParcelStatus =>
  PARCEL_STATUSES[Math.max(rank(known), rank(news))] ?? known;

/** What is known of a parcel, by the carrier's time; what was told twice is kept once. */
export function merged(events: Shipment['events'], news: Event): readonly Event[] {
  const same = (one: Event) => one.status === news.status && one.at.getTime() === news.at.getTime();
  if (events.some(same)) return events;
  return [...events, news]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || rank(a.status) - rank(b.status))
    .slice(-MOST_EVENTS);
}

/**
 * Adds what a carrier told to the parcel it is about, whatever came before; in a transaction. The
 * last parcel to arrive delivers the order.
 */
export async function trackShipment(
  { carrier, trackingNo, status: news, at, note }: CarrierNews,
  now: Date,
): Promise<void> {
  if (!inTransaction()) throw new Error('trackShipment() must be called inside transaction()');
  const shipment = await Shipments.findOne({ carrier, trackingNo }).lean<ShipmentRow>();
  if (!shipment) return log.warning('news of a parcel that is not ours', { carrier, trackingNo });
  const { _id, version } = shipment;
  // Two parcels of one order that arrive at once must see each other.
  const order = await holdOrder(shipment.order);
  const status = furthest(shipment.status, news);
  const events = merged(shipment.events, { status: news, at, ...(note && { note }) });
  const arrives = news === 'delivered' && !shipment.deliveredAt;
  const deliveredAt = at < now ? at : now;
  await Shipments.updateOne(
    { _id, version },
    { $set: { status, events, ...(arrives && { deliveredAt }) }, $inc: { version: 1 } },
  );
  if (arrives) await announceArrival(shipment, now);
  if (!order) return;
  const after =
    arrives && shipment.direction === 'out' ? await deliverIfArrived(order, now) : order;
  if (after === order && status !== shipment.status) await tellUpdated(order, now);
}

async function announceArrival(shipment: ShipmentRow, now: Date): Promise<void> {
  const { _id, order, buyer, shop, direction, return: back } = shipment;
  const facts = { shipmentId: _id, orderId: order, buyerId: buyer, shopId: shop, direction };
  await publish(ShipmentDelivered, { ...facts, ...(back && { returnId: back }) }, { now });
}
