import { followReturnParcel, returnParcelArrived } from '#domain/orders/return-deadlines.ts';
import { ShipmentDelivered, ShipmentTracked } from '#domain/orders/shipment-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Go on with a return as its parcel does.',
  on: [ShipmentTracked, ShipmentDelivered],
  effect: 'database',

  handler: async ({ data, now }) => {
    if ('carrier' in data) await followReturnParcel(data, now);
    else if (data.returnId) await returnParcelArrived(data.returnId, now);
  },
});
