import { z } from 'zod';
import { ordersOfShop } from '#domain/orders/order-lists.ts';
import { OrderView } from '#domain/orders/order-view.ts';
import { Overview, overviewOf } from '#domain/sellers/overview.ts';
import { endpoint } from '#platform/endpoint.ts';
import { toId } from '#platform/id.ts';
import { perActor } from '#platform/rate-limit.ts';

const Deadline = OrderView.pick({ id: true, orderNo: true, status: true, deadline: true });
const SHOWN = { page: 1, limit: 10 } as const;

export default endpoint({
  summary: 'Show your verification, your shop, what it earned, and what waits for you.',
  method: 'GET',
  path: '/api/seller',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: Overview.extend({
    /** Orders that something is due for, the nearest first. */
    deadlines: z.array(Deadline),
  }),

  handler: async ({ actor, now }) => {
    const overview = await overviewOf(actor.id, now);
    const { shop } = overview;
    const due = shop && (await ordersOfShop(toId(shop.id), { view: 'due' }, SHOWN));
    return { ...overview, deadlines: due?.orders ?? [] };
  },
});
