import { z } from 'zod';
import { SecondPersonRequired } from '#domain/admin/approvals.ts';
import { decidePayout, PAYOUT_ACTIONS, PayoutsFrozen } from '#domain/wallet/decide-payout.ts';
import { StaffPayout, toStaffPayout } from '#domain/wallet/payouts.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Approve, hold, release, cancel or refuse a payout that has not been sent.',
  method: 'POST',
  path: '/api/admin/payouts/:id/actions',
  access: 'staff:money.adjust',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('payout') }),
  body: z.object({
    action: z.enum(PAYOUT_ACTIONS),
    reason: z.string().trim().min(1).max(500),
  }),
  output: z.object({ payout: StaffPayout }),
  problems: [Conflict, NotFound, PayoutsFrozen, SecondPersonRequired],

  handler: async ({ actor, params: { id }, body, request, now }) => ({
    payout: toStaffPayout(await decidePayout(id, body, { actor, request }, now)),
  }),
});
