import { z } from 'zod';
import { ATTENTION, allOrders, StaffOrder } from '#domain/orders/all-orders.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { MomentOrDay } from '#platform/moment.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Find orders, with their payments and refunds.',
  method: 'GET',
  path: '/api/admin/orders',
  access: 'staff:orders.read',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    orderNo: z.string().trim().min(1).max(40).optional(),
    buyerId: idOf('user').optional(),
    shopId: idOf('shop').optional(),
    status: StaffOrder.shape.status.optional(),
    from: MomentOrDay.optional(),
    /** Exclusive. */
    to: MomentOrDay.optional(),
    /** Only what somebody has to look at, the longest waiting first. */
    attention: z.enum(ATTENTION).optional(),
  }),
  output: pageOf('orders', StaffOrder),

  handler: async ({ query: { page, limit, cursor, ...search } }) => {
    const paging = { page, limit, ...(cursor !== undefined && { cursor }) };
    return named('orders', await allOrders(search, paging), (order) => order);
  },
});
