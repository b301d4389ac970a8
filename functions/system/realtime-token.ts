import { z } from 'zod';
import { tokenFor } from '#domain/system/realtime.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Give a token for the realtime channels the caller may follow.',
  method: 'POST',
  path: '/api/realtime/token',
  access: 'optional',
  rateLimit: perAddress(60, 'minute'),
  output: z.object({
    token: z.string(),
    expiresAt: z.iso.datetime(),
    clientId: z.string().nullable(),
    endpoint: z.url().optional(),
  }),

  handler: ({ actor, now }) => tokenFor(actor?.id, now),
});
