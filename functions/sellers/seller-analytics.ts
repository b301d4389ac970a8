import { z } from 'zod';
import { SalesReport, salesOf } from '#domain/orders/shop-sales.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { MomentOrDay } from '#platform/moment.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what the caller’s shop sold, day by day and by where buyers saw it.',
  method: 'GET',
  path: '/api/seller/analytics',
  access: 'seller',
  rateLimit: perActor(60, 'minute'),
  query: z.object({
    from: MomentOrDay.optional(),
    /** Exclusive. */
    to: MomentOrDay.optional(),
  }),
  output: SalesReport,
  problems: [NoActiveShop],

  handler: async ({ actor, query, now }) => salesOf(await ownShop(actor.id), query, now),
});
