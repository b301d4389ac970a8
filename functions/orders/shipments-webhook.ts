import { z } from 'zod';
import { takeCarrierNotice } from '#domain/orders/carrier-notices.ts';
import { InvalidSignature } from '#domain/orders/provider-notices.ts';
import { CARRIERS } from '#domain/orders/shipments.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound } from '#platform/problem.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take a signed notice of a carrier.',
  method: 'POST',
  path: '/api/shipments/webhooks/:carrier',
  access: 'signed',
  rateLimit: perAddress(6000, 'minute'),
  params: z.object({ carrier: z.string().max(20) }),
  output: z.object({ received: z.literal(true) }),
  problems: [InvalidSignature, NotFound],

  handler: async ({ params, request: { rawBody, header }, now }) => {
    const carrier = CARRIERS.find((known) => known === params.carrier);
    if (!carrier) throw new NotFound();
    await takeCarrierNotice(carrier, rawBody, header('carrier-signature'), now);
    return { received: true as const };
  },
});
