import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { CARRIERS, PARCEL_NEWS } from './shipment.model.ts';

/** A carrier told something of a parcel; whether we know the parcel is not looked at yet. */
export const ShipmentTracked = event({
  type: 'shipment.tracked',
  topic: 'order',
  data: z.object({
    carrier: z.enum(CARRIERS),
    trackingNo: z.string(),
    status: z.enum(PARCEL_NEWS),
    /** By the carrier's clock. */
    at: z.coerce.date(),
    note: z.string().optional(),
  }),
  subject: ['parcel', 'trackingNo'],
  orderedBy: 'trackingNo',
});

/** A parcel has arrived: at the buyer, or back at the seller where its direction is `return`. */
export const ShipmentDelivered = event({
  type: 'shipment.delivered',
  topic: 'order',
  data: z.object({
    shipmentId: idOf('shipment'),
    orderId: idOf('order'),
    buyerId: idOf('user'),
    shopId: idOf('shop'),
    direction: z.enum(['out', 'return']),
    returnId: idOf('return').optional(),
  }),
  subject: ['shipment', 'shipmentId'],
  orderedBy: 'orderId',
});
