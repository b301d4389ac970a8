import { z } from 'zod';
import { PayoutView, toPayoutView } from '#domain/wallet/payouts.ts';
import { cancelPayout } from '#domain/wallet/request-payout.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Call off a payout of the caller or of their shop that has not been approved yet.',
  method: 'POST',
  path: '/api/wallet/payouts/:id/cancel',
  access: 'user',
  rateLimit: perActorShared(20, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('payout') }),
  output: z.object({ payout: PayoutView }),
  problems: [Conflict, NotFound],

  handler: async ({ actor, params: { id }, now }) => ({
    payout: toPayoutView(await cancelPayout(actor.id, id, now)),
  }),
});
