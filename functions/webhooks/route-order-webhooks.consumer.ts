import { routeEvent } from '#domain/webhooks/deliveries.ts';
import { PARTNER_EVENTS } from '#domain/webhooks/partner-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Put what happens to orders and returns on its way to the webhooks of their shops.',
  on: PARTNER_EVENTS.order,
  effect: 'database',

  handler: (happening) => routeEvent(happening, happening.now),
});
