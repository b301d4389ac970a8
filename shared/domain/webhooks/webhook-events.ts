import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

/** A delivery is due; who hears it tries, unless somebody else already does. */
export const DeliveryRequested = event({
  type: 'delivery.requested',
  topic: 'webhook',
  data: z.object({ deliveryId: idOf('delivery'), endpointId: idOf('webhook') }),
  subject: ['delivery', 'deliveryId'],
  orderedBy: 'endpointId',
});
