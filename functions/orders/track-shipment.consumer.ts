import { ShipmentTracked } from '#domain/orders/shipment-events.ts';
import { trackShipment } from '#domain/orders/track-shipment.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Add what a carrier told to the parcel it is about.',
  on: [ShipmentTracked],
  effect: 'database',

  handler: ({ data, now }) => trackShipment(data, now),
});
