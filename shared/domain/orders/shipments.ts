import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, IdText, newId } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import type { OrderRow } from './order-state.ts';
import {
  CARRIERS,
  PARCEL_NEWS,
  PARCEL_STATUSES,
  type Shipment,
  Shipments,
} from './shipment.model.ts';

export { CARRIERS } from './shipment.model.ts';
export type ShipmentRow = Shipment & Stored & { readonly _id: Id<'shipment'> };

export class TrackingNumberUsed extends problem({
  code: 'tracking_number_used',
  status: 409,
  error: 'Another parcel has this tracking number',
}) {}

/** How a parcel is found again at its carrier; spaces and case do not matter. */
export const Tracking = {
  carrier: z.enum(CARRIERS),
  trackingNo: z
    .string()
    .max(60)
    .transform((typed) => typed.replaceAll(/\s/g, '').toUpperCase())
    .pipe(z.string().regex(/^[A-Z0-9-]{6,40}$/, '6 to 40 letters, digits and hyphens')),
};

export interface ParcelWish
  extends Pick<Shipment, 'direction' | 'lines' | 'carrier' | 'trackingNo'> {
  readonly return?: Id<'return'>;
}

/** Registers a parcel of an order, in the transaction that sends it off. Throws `TrackingNumberUsed`. */
export async function registerParcel(
  { _id: order, shop, buyer, seller }: OrderRow,
  wish: ParcelWish,
): Promise<Id<'shipment'>> {
  if (!inTransaction()) throw new Error('registerParcel() must be called inside transaction()');
  const _id = newId<'shipment'>();
  try {
    await Shipments.create([{ _id, order, shop, buyer, seller, ...wish } as never]);
  } catch (cause) {
    if (duplicateKey(cause) === 'carrier') throw new TrackingNumberUsed({ cause });
    throw cause;
  }
  return _id;
}

/** All parcels of an order, to the buyer and back. */
export const shipmentsOf = (order: Id<'order'>): Promise<ShipmentRow[]> =>
  Shipments.find({ order }).sort({ _id: 1 }).limit(500).lean<ShipmentRow[]>().exec();

export const ShipmentView = z.object({
  id: IdText,
  direction: z.enum(['out', 'return']),
  returnId: IdText.nullable(),
  carrier: z.enum(CARRIERS),
  trackingNo: z.string(),
  status: z.enum(PARCEL_STATUSES),
  lines: z.array(z.object({ lineId: IdText, quantity: z.int() })),
  events: z.array(
    z.object({ status: z.enum(PARCEL_NEWS), at: z.iso.datetime(), note: z.string().nullable() }),
  ),
  createdAt: z.iso.datetime(),
  deliveredAt: z.iso.datetime().nullable(),
});
export type ShipmentView = z.infer<typeof ShipmentView>;

export const toShipmentView = (shipment: ShipmentRow): ShipmentView => ({
  id: shipment._id.toHexString(),
  direction: shipment.direction,
  returnId: shipment.return?.toHexString() ?? null,
  carrier: shipment.carrier,
  trackingNo: shipment.trackingNo,
  status: shipment.status,
  lines: shipment.lines.map(({ line, quantity }) => ({ lineId: line.toHexString(), quantity })),
  events: shipment.events.map(({ status, at, note }) => ({
    status,
    at: at.toISOString(),
    note: note ?? null,
  })),
  createdAt: shipment.createdAt.toISOString(),
  deliveredAt: shipment.deliveredAt?.toISOString() ?? null,
});
