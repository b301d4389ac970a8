import { z } from 'zod';
import { ordersOfShop, SELLER_STATUSES } from '#domain/orders/order-lists.ts';
import { OrderView } from '#domain/orders/order-view.ts';
import { returnsOfShop } from '#domain/orders/return-lists.ts';
import { ReturnView } from '#domain/orders/return-view.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what was ordered of the caller’s shop, or is to be given back.',
  method: 'GET',
  path: '/api/seller/orders',
  access: 'seller',
  rateLimit: perActor(240, 'minute'),
  query: PageQuery.extend({
    status: z.enum(SELLER_STATUSES).optional(),
    /** `due`: orders that have a deadline, the nearest first. `returns`: of orders in any state. */
    view: z.enum(['orders', 'due', 'returns']).default('orders'),
  }),
  output: z.union([pageOf('orders', OrderView), pageOf('returns', ReturnView)]),
  problems: [NoActiveShop],

  handler: async ({ actor, query: { status, view, ...page } }) => {
    const { _id } = await ownShop(actor.id);
    if (view === 'returns') return returnsOfShop(_id, page);
    return ordersOfShop(_id, { status, view }, page);
  },
});
