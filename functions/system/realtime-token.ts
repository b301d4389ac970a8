import { RealtimeToken, tokenFor } from '#domain/system/realtime.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Give a token for the realtime channels the caller may follow.',
  method: 'POST',
  path: '/api/realtime/token',
  access: 'optional',
  rateLimit: perAddress(60, 'minute'),
  output: RealtimeToken,

  handler: async ({ actor, now }) => tokenFor(actor?.id, now),
});
