import { routeEvent } from '#domain/webhooks/deliveries.ts';
import { PARTNER_EVENTS } from '#domain/webhooks/partner-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Put what changes in a shop and its listings on its way to its webhooks.',
  on: PARTNER_EVENTS.product,
  effect: 'database',

  handler: (happening) => routeEvent(happening, happening.now),
});
