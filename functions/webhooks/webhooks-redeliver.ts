import { z } from 'zod';
import { replayDeliveries } from '#domain/webhooks/deliveries.ts';
import { ownEndpoint } from '#domain/webhooks/endpoints.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Moment } from '#platform/moment.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Send one delivery of a webhook again, or up to 200 of a period.',
  method: 'POST',
  path: '/api/webhooks/:id/redeliver',
  access: 'seller',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ id: idOf('webhook') }),
  body: z
    .object({
      deliveryId: idOf('delivery').optional(),
      from: Moment.optional(),
      /** Exclusive. */
      to: Moment.optional(),
    })
    .refine(({ deliveryId, from }) => (deliveryId === undefined) !== (from === undefined), {
      path: ['deliveryId'],
      message: 'say either deliveryId or from',
    }),
  status: 202,
  output: z.object({ requested: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params: { id }, body: { deliveryId, from, to }, now }) => {
    const { _id } = await ownEndpoint(actor.id, id);
    const requested = await replayDeliveries(
      { endpoint: _id, delivery: deliveryId, from, to },
      now,
    );
    if (requested === 0 && deliveryId) throw new NotFound();
    return { requested };
  },
});
