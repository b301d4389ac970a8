import { Balance, balanceOf } from '#domain/wallet/wallets.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what the caller has: cash, held, coins and diamonds.',
  method: 'GET',
  path: '/api/wallet/balance',
  access: 'user',
  rateLimit: perActor(240, 'minute'),
  output: Balance,

  handler: ({ actor, now }) => balanceOf(actor.id, now),
});
