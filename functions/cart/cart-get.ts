import { CartView, viewCart } from '#domain/cart/cart-view.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show the caller’s cart at today’s prices and stock, and what stands in its way.',
  method: 'GET',
  path: '/api/cart',
  access: 'user',
  rateLimit: perActor(240, 'minute'),
  output: CartView,

  handler: ({ actor, now }) => viewCart(actor.id, now),
});
