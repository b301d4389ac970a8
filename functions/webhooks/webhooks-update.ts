import { z } from 'zod';
import {
  changeEndpoint,
  toWebhookView,
  WebhookEvents,
  WebhookView,
} from '#domain/webhooks/endpoints.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change the events of a webhook, pause or wake it, or give it a new secret.',
  method: 'PUT',
  path: '/api/webhooks/:id',
  access: 'seller',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('webhook') }),
  body: z.object({
    events: WebhookEvents.optional(),
    status: z.enum(['active', 'paused']).optional(),
    /** The old secret signs as well for another day. */
    rotateSecret: z.literal(true).optional(),
  }),
  output: z.object({
    webhook: WebhookView,
    /** The new one, this once; null unless it was asked for. */
    secret: z.string().nullable(),
  }),
  problems: [Conflict, NotFound],

  handler: async ({ actor, params: { id }, body, now }) => {
    const { endpoint: changed, secret } = await changeEndpoint(actor.id, id, body, now);
    return { webhook: toWebhookView(changed), secret };
  },
});
