import { z } from 'zod';
import {
  COMMISSION_STATUSES,
  CommissionView,
  commissionsOf,
  toCommissionView,
} from '#domain/sellers/commission-lists.ts';
import { Earnings, earningsOf } from '#domain/sellers/overview.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what you earned by promoting, by state, video or live stream.',
  method: 'GET',
  path: '/api/affiliate/commissions',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    status: z.enum(COMMISSION_STATUSES).optional(),
    /** Where the buyer came from. */
    content: idOf('content').optional(),
    live: idOf('live').optional(),
  }).refine(
    ({ status, content, live }) =>
      [status, content, live].filter((one) => one !== undefined).length < 2,
    'say at most one of status, content and live',
  ),
  output: pageOf('commissions', CommissionView).extend({ earnings: Earnings }),

  handler: async ({ actor, query: { status, content, live, ...query } }) => ({
    ...named(
      'commissions',
      await commissionsOf(actor.id, { status, content, live }, query),
      toCommissionView,
    ),
    earnings: await earningsOf(actor.id),
  }),
});
