import { z } from 'zod';
import { SalesReport, salesOf } from '#domain/orders/shop-sales.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).pipe(z.coerce.date());

export default endpoint({
  summary: 'Show what the caller’s shop sold, day by day and by where buyers saw it.',
  method: 'GET',
  path: '/api/seller/analytics',
  access: 'seller',
  rateLimit: perActor(60, 'minute'),
  query: z.object({
    from: Moment.optional(),
    /** Exclusive. */
    to: Moment.optional(),
  }),
  output: SalesReport,
  problems: [NoActiveShop],

  handler: async ({ actor, query, now }) => salesOf(await ownShop(actor.id), query, now),
});
