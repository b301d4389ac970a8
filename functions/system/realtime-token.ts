import { shopOf } from '#domain/sellers/shops.ts';
import { RealtimeToken, tokenFor } from '#domain/system/realtime.ts';
import { channels } from '#platform/ably.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Give a token for the realtime channels the caller may follow.',
  method: 'POST',
  path: '/api/realtime/token',
  access: 'optional',
  rateLimit: perAddress(60, 'minute'),
  output: RealtimeToken,

  handler: async ({ actor, now }) => {
    const shop = actor && actor.role !== 'user' ? await shopOf(actor.id) : null;
    const own = shop ? { [channels.shop(shop._id.toHexString())]: ['subscribe'] as const } : {};
    return tokenFor(actor?.id, now, own);
  },
});
