import { z } from 'zod';
import { SecondPersonRequired } from '#domain/admin/approvals.ts';
import { StaffRefund, toStaffRefund } from '#domain/orders/refund-view.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import { refundByStaff, StaffRefundWish } from '#domain/orders/staff-refund.ts';
import { endpoint } from '#platform/endpoint.ts';
import { IdText, idOf } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Refund parts of an order, agree to a colleague’s refund, or settle one that got stuck.',
  method: 'POST',
  path: '/api/admin/orders/:id/refund',
  access: 'staff:money.refund',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('order') }),
  body: StaffRefundWish,
  output: z.object({
    /** Null while a second person has to agree. */
    refund: StaffRefund.nullable(),
    /** What the second person sends. */
    approvalId: IdText.nullable(),
  }),
  problems: [Conflict, NotRefundable, SecondPersonRequired],

  handler: async ({ actor, request, params: { id }, body, now }) => {
    const { refund, approval } = await refundByStaff({ actor, request }, id, body, now);
    return {
      refund: refund && toStaffRefund(refund),
      approvalId: approval?.toHexString() ?? null,
    };
  },
});
