import { z } from 'zod';
import { ForgedNotice, takeNotice } from '#domain/live/provider-notices.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Take a signed notice of the video provider.',
  method: 'POST',
  path: '/api/live/webhooks/agora',
  access: 'signed',
  rateLimit: perAddress(6000, 'minute'),
  output: z.object({ received: z.literal(true) }),
  problems: [ForgedNotice],

  handler: async ({ request: { rawBody, header }, now }) => {
    await takeNotice(rawBody, header('agora-signature-v2'), now);
    return { received: true as const };
  },
});
