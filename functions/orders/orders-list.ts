import { z } from 'zod';
import { ordersOf } from '#domain/orders/order-lists.ts';
import { OrderView } from '#domain/orders/order-view.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what the caller has ordered, newest first.',
  method: 'GET',
  path: '/api/orders',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ view: z.enum(['orders']).default('orders') }),
  output: pageOf('orders', OrderView),

  handler: ({ actor, query }) => ordersOf(actor.id, query),
});
