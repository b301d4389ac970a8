import {
  collection,
  date,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  version,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const CARRIERS = [
  'dhl',
  'dpd',
  'fedex',
  'gls',
  'royal_mail',
  'ups',
  'usps',
  'mixillo_post',
] as const;
export type Carrier = (typeof CARRIERS)[number];

/** How far a parcel can be, each further than the one before. */
export const PARCEL_STATUSES = [
  'registered',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'returned_to_sender',
] as const;
export type ParcelStatus = (typeof PARCEL_STATUSES)[number];

/** What a carrier can tell; an `exception` says that something is wrong, not how far it is. */
export const PARCEL_NEWS = [...PARCEL_STATUSES, 'exception'] as const;
export type ParcelNews = (typeof PARCEL_NEWS)[number];

/** One parcel on its way to the buyer, or back. */
export interface Shipment {
  readonly order: Id<'order'>;
  readonly shop: Id<'shop'>;
  readonly buyer: Id<'user'>;
  readonly seller: Id<'user'>;
  readonly direction: 'out' | 'return';
  /** Of a parcel that goes back: which return it belongs to. */
  readonly return?: Id<'return'>;
  readonly lines: readonly { readonly line: Id<'line'>; readonly quantity: number }[];
  readonly carrier: Carrier;
  readonly trackingNo: string;
  readonly status: ParcelStatus;
  /** What the carrier told, by the carrier's own time, whenever it arrived here. */
  readonly events: readonly {
    readonly status: ParcelNews;
    readonly at: Date;
    readonly note?: string;
  }[];
  readonly deliveredAt?: Date;
  readonly version: number;
}

export const Shipments = collection<Shipment>('Shipment', {
  fields: {
    order: requiredRef('Order'),
    shop: requiredRef('Shop'),
    buyer: requiredRef('User'),
    seller: requiredRef('User'),
    direction: oneOf(['out', 'return'], 'out'),
    return: ref('ReturnRequest'),
    lines: {
      type: [part({ line: requiredRef('Any'), quantity: { ...requiredWhole, min: 1 } })],
      default: [],
    },
    carrier: oneOf(CARRIERS),
    trackingNo: requiredText,
    status: oneOf(PARCEL_STATUSES, 'registered'),
    events: {
      type: [part({ status: oneOf(PARCEL_NEWS), at: requiredDate, note: text })],
      default: [],
    },
    deliveredAt: date,
    version,
  },
  indexes: [
    [{ order: 1, _id: 1 }], // shipmentsOf
    [{ carrier: 1, trackingNo: 1 }, { unique: true }], // shipmentOfCarrier, and no number twice
  ],
  personalData: {
    owner: ['buyer', 'seller'],
    erase: 'retain',
    because: 'Part of the order, which is kept for ten years; the row holds ids and a number.',
  },
});
