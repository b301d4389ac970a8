import { routeEvent } from '#domain/webhooks/deliveries.ts';
import { PARTNER_EVENTS } from '#domain/webhooks/partner-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Put what is decided about a seller on its way to the webhooks of their shop.',
  on: PARTNER_EVENTS.account,
  effect: 'database',

  handler: (happening) => routeEvent(happening, happening.now),
});
