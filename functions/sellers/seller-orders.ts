import { z } from 'zod';
import { ordersOfShop, SELLER_STATUSES } from '#domain/orders/order-lists.ts';
import { OrderView } from '#domain/orders/order-view.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List what was ordered of the caller’s shop.',
  method: 'GET',
  path: '/api/seller/orders',
  access: 'seller',
  rateLimit: perActor(240, 'minute'),
  query: PageQuery.extend({
    status: z.enum(SELLER_STATUSES).optional(),
    /** `due`: what has a deadline, the nearest first. `returns`: what somebody wants to give back. */
    view: z.enum(['orders', 'due', 'returns']).default('orders'),
  }),
  output: pageOf('orders', OrderView),
  problems: [NoActiveShop],

  handler: async ({ actor, query: { status, view, ...page } }) => {
    const shop = await ownShop(actor.id);
    return ordersOfShop(shop._id, { status, view }, page);
  },
});
