import { routeEvent } from '#domain/webhooks/deliveries.ts';
import { PARTNER_EVENTS } from '#domain/webhooks/partner-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Put what becomes of the payouts of a shop on its way to its webhooks.',
  on: PARTNER_EVENTS.wallet,
  effect: 'database',

  handler: (happening) => routeEvent(happening, happening.now),
});
