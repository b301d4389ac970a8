import { z } from 'zod';
import { InvalidSignature, takeNotice } from '#domain/orders/provider-notices.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound } from '#platform/problem.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take a signed notice of a payment provider.',
  method: 'POST',
  path: '/api/payments/webhooks/:provider',
  access: 'signed',
  rateLimit: perAddress(6000, 'minute'),
  params: z.object({ provider: z.string().max(20) }),
  output: z.object({ received: z.literal(true) }),
  problems: [InvalidSignature, NotFound],

  handler: async ({ params: { provider }, request: { rawBody, header }, now }) => {
    if (provider !== 'stripe') throw new NotFound();
    await takeNotice(rawBody, header('stripe-signature'), now);
    return { received: true as const };
  },
});
