import { z } from 'zod';
import { NoActiveShop } from '#domain/sellers/shops.ts';
import {
  AddressNotAccepted,
  ChallengeFailed,
  createEndpoint,
  TooManyWebhooks,
  toWebhookView,
  WebhookEvents,
  WebhookView,
} from '#domain/webhooks/endpoints.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Have events of your shop posted to an address that answers a challenge.',
  method: 'POST',
  path: '/api/webhooks',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActorShared(20, 'hour'),
  idempotency: 'required',
  effect: 'outside',
  secretAnswer: true,
  body: z.object({ url: z.string().trim().min(1).max(2000), events: WebhookEvents }),
  status: 201,
  output: z.object({
    webhook: WebhookView,
    /** Verifies signatures as standardwebhooks.com says. It is shown this once. */
    secret: z.string(),
  }),
  problems: [AddressNotAccepted, ChallengeFailed, NoActiveShop, TooManyWebhooks],

  handler: async ({ actor, body, operationId }) => {
    const made = await createEndpoint({ ...body, owner: actor.id, operation: operationId });
    return { webhook: toWebhookView(made.endpoint), secret: made.secret };
  },
});
