import { z } from 'zod';
import { exportStatement, StatementExport } from '#domain/wallet/statement-export.ts';
import { days } from '#platform/clock.ts';
import { endpoint } from '#platform/endpoint.ts';
import { MomentOrDay } from '#platform/moment.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Export the caller’s statement of up to a year as a table.',
  method: 'GET',
  path: '/api/wallet/transactions/export',
  access: 'user',
  rateLimit: perActor(10, 'minute'),
  query: z
    .object({
      from: MomentOrDay,
      /** Exclusive. */
      to: MomentOrDay,
    })
    .refine(({ from, to }) => from < to && to.getTime() - from.getTime() <= days(366), {
      path: ['to'],
      message: 'must be after from, and at most 366 days later',
    }),
  output: StatementExport,

  handler: ({ actor, query, now }) => exportStatement(actor.id, query, now),
});
