import { z } from 'zod';
import { reviewOf, VerificationReview } from '#domain/sellers/review.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show a verification with addresses to read its documents at for five minutes.',
  method: 'GET',
  path: '/api/admin/verifications/:id',
  access: 'staff:sellers.verify',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('verification') }),
  output: z.object({ verification: VerificationReview }),
  problems: [NotFound],

  handler: async ({ actor, params, now, request }) => ({
    verification: await reviewOf(params.id, { actor, request }, now),
  }),
});
