import { z } from 'zod';
import {
  CaseSummary,
  casesIn,
  toCaseSummary,
  VERIFICATION_STATUSES,
} from '#domain/sellers/review.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List verifications in one state, the one that waits longest first.',
  method: 'GET',
  path: '/api/admin/verifications',
  access: 'staff:sellers.verify',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ status: z.enum(VERIFICATION_STATUSES).default('in_review') }),
  output: pageOf('verifications', CaseSummary),

  handler: async ({ query: { status, ...query } }) =>
    named('verifications', await casesIn(status, query), toCaseSummary),
});
