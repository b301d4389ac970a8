import { z } from 'zod';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { DeliveryView, deliveriesOf, toDeliveryView } from '#domain/webhooks/deliveries.ts';
import { endpointsOf, toWebhookView, WebhookView } from '#domain/webhooks/endpoints.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the webhooks of your shop, and what was sent to them.',
  method: 'GET',
  path: '/api/webhooks',
  access: 'seller',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    /** Only what was sent to this one. */
    webhook: idOf('webhook').optional(),
  }),
  output: pageOf('deliveries', DeliveryView).extend({ webhooks: z.array(WebhookView) }),
  problems: [NoActiveShop],

  handler: async ({ actor, query: { webhook, ...page } }) => {
    const { _id: shop } = await ownShop(actor.id);
    const log = await deliveriesOf(shop, webhook, page);
    const webhooks = await endpointsOf(actor.id);
    return {
      webhooks: webhooks.map(toWebhookView),
      ...named('deliveries', log, toDeliveryView),
    };
  },
});
