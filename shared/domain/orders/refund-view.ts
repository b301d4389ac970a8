import { z } from 'zod';
import { IdText } from '#platform/id.ts';
import { INITIATORS, REFUND_STATUSES } from './refund.model.ts';
import { totalsOf } from './refund-shares.ts';
import type { RefundRow } from './refund-state.ts';

/** A refund as buyer and seller see it. Amounts are minor units of `currency`. */
export const RefundView = z.object({
  id: IdText,
  orderId: IdText,
  returnId: IdText.nullable(),
  status: z.enum(REFUND_STATUSES),
  /** All of it. */
  amountMinor: z.int(),
  itemsMinor: z.int(),
  shippingMinor: z.int(),
  taxMinor: z.int(),
  goodwillMinor: z.int(),
  currency: z.string(),
  lines: z.array(z.object({ lineId: IdText, quantity: z.int() })),
  reason: z.string(),
  initiatedBy: z.enum(INITIATORS),
  createdAt: z.iso.datetime(),
});
type RefundView = z.infer<typeof RefundView>;

export const toRefundView = (refund: RefundRow): RefundView => ({
  id: refund._id.toHexString(),
  orderId: refund.order.toHexString(),
  returnId: refund.return?.toHexString() ?? null,
  status: refund.status,
  ...totalsOf(refund),
  amountMinor: refund.amountMinor,
  currency: refund.currency,
  lines: refund.lines.map(({ line, quantity }) => ({ lineId: line.toHexString(), quantity })),
  reason: refund.reason,
  initiatedBy: refund.initiatedBy,
  createdAt: refund.createdAt.toISOString(),
});

/** A refund as staff sees it: with why it does not get on. */
export const StaffRefund = RefundView.extend({
  paymentId: IdText.nullable(),
  toWallet: z.boolean(),
  providerRef: z.string().nullable(),
  failureCode: z.string().nullable(),
  attempts: z.int(),
});

export const toStaffRefund = (refund: RefundRow): z.infer<typeof StaffRefund> => ({
  ...toRefundView(refund),
  paymentId: refund.payment?.toHexString() ?? null,
  toWallet: refund.toWallet === true,
  providerRef: refund.providerRef ?? null,
  failureCode: refund.failureCode ?? null,
  attempts: refund.attempts,
});
