import { z } from 'zod';
import { ordersOf } from '#domain/orders/order-lists.ts';
import { OrderView } from '#domain/orders/order-view.ts';
import { returnsOfBuyer } from '#domain/orders/return-lists.ts';
import { ReturnView } from '#domain/orders/return-view.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what the caller has ordered, or wanted to give back, newest first.',
  method: 'GET',
  path: '/api/orders',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ view: z.enum(['orders', 'returns']).default('orders') }),
  output: z.union([pageOf('orders', OrderView), pageOf('returns', ReturnView)]),

  handler: async ({ actor, query: { view, ...page } }) =>
    view === 'returns' ? returnsOfBuyer(actor.id, page) : ordersOf(actor.id, page),
});
