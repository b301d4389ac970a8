import { z } from 'zod';
import { SecondPersonRequired } from '#domain/admin/approvals.ts';
import { OrderView, toOrderView } from '#domain/orders/order-view.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import { actOnOrderAsStaff, StaffOrderWish } from '#domain/orders/staff-order.ts';
import { endpoint } from '#platform/endpoint.ts';
import { IdText, idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Cancel an order, also on its way, or say that it has arrived.',
  method: 'POST',
  path: '/api/admin/orders/:id/actions',
  access: 'staff:money.refund',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('order') }),
  body: StaffOrderWish,
  output: z.object({
    order: OrderView,
    /** What a second person sends; null when it is done. */
    approvalId: IdText.nullable(),
  }),
  problems: [Conflict, NotFound, NotRefundable, SecondPersonRequired],

  handler: async ({ actor, request, params: { id }, body, now }) => {
    const { order, approval } = await actOnOrderAsStaff({ actor, request }, id, body, now);
    return {
      order: toOrderView(order, 'staff'),
      approvalId: approval?.toHexString() ?? null,
    };
  },
});
