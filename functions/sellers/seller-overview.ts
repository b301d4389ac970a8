import { Overview, overviewOf } from '#domain/sellers/overview.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show your verification, your shop, what it earned, and what waits for you.',
  method: 'GET',
  path: '/api/seller',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: Overview,

  handler: ({ actor, now }) => overviewOf(actor.id, now),
});
