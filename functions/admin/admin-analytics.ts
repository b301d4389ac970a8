import { z } from 'zod';
import { Metric, metrics } from '#domain/analytics/metrics.ts';
import { endpoint } from '#platform/endpoint.ts';
import { MomentOrDay } from '#platform/moment.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what happened on the platform and what was moved, by hour or by day.',
  method: 'GET',
  path: '/api/admin/analytics',
  access: 'staff:analytics.read',
  rateLimit: perActor(60, 'minute'),
  query: z.object({
    /** A week before `to` unless said. */
    from: MomentOrDay.optional(),
    /** Exclusive; now unless said. */
    to: MomentOrDay.optional(),
    granularity: z.enum(['hour', 'day']).default('day'),
  }),
  output: z.object({ metrics: z.array(Metric) }),
  resources: { memoryMb: 512 },

  handler: async ({ query, now }) => ({ metrics: await metrics(query, now) }),
});
