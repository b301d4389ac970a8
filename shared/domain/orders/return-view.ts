import { z } from 'zod';
import { IdText } from '#platform/id.ts';
import {
  CONDITIONS,
  OUTCOMES,
  RETURN_DEADLINES,
  RETURN_REASONS,
  RETURN_STATUSES,
  RETURN_TYPES,
  SHIPPING_BY,
} from './return.model.ts';
import type { ReturnRow } from './return-state.ts';

export { RETURN_REASONS, RETURN_TYPES } from './return.model.ts';

const moment = z.iso.datetime();

/** A return as buyer, seller and staff see it. Amounts are minor units of `currency`. */
export const ReturnView = z.object({
  id: IdText,
  orderId: IdText,
  shopId: IdText,
  type: z.enum(RETURN_TYPES),
  reason: z.enum(RETURN_REASONS),
  lines: z.array(z.object({ lineId: IdText, quantity: z.int() })),
  status: z.enum(RETURN_STATUSES),
  /** What happens next when nobody does anything. */
  deadline: z.object({ kind: z.enum(RETURN_DEADLINES), at: moment }).nullable(),
  statements: z.array(
    z.object({
      by: z.enum(['buyer', 'seller']),
      note: z.string(),
      evidence: z.array(z.object({ url: z.string(), thumbnailUrl: z.string() })),
      at: moment,
    }),
  ),
  evidenceUntil: moment.nullable(),
  currency: z.string(),
  /** What the seller would pay for the goods to stay where they are. */
  offerMinor: z.int().nullable(),
  condition: z.enum(CONDITIONS).nullable(),
  resolution: z
    .object({
      outcome: z.enum(OUTCOMES),
      by: z.enum(['buyer', 'seller', 'system', 'staff']),
      amountMinor: z.int(),
      shippingBy: z.enum(SHIPPING_BY),
      note: z.string().nullable(),
    })
    .nullable(),
  createdAt: moment,
});

export const toReturnView = (row: ReturnRow): z.infer<typeof ReturnView> => ({
  id: row._id.toHexString(),
  orderId: row.order.toHexString(),
  shopId: row.shop.toHexString(),
  type: row.type,
  reason: row.reason,
  lines: row.lines.map(({ line, quantity }) => ({ lineId: line.toHexString(), quantity })),
  status: row.status,
  deadline: row.deadline ? { kind: row.deadline.kind, at: row.deadline.at.toISOString() } : null,
  statements: row.statements.map(({ by, note, evidence, at }) => ({
    by,
    note,
    evidence: evidence.map(({ url, thumbnailUrl }) => ({ url, thumbnailUrl })),
    at: at.toISOString(),
  })),
  evidenceUntil: row.evidenceUntil?.toISOString() ?? null,
  currency: row.currency,
  offerMinor: row.offerMinor ?? null,
  condition: row.condition ?? null,
  resolution: row.resolution
    ? {
        outcome: row.resolution.outcome,
        by: row.resolution.by,
        amountMinor: row.resolution.amountMinor,
        shippingBy: row.resolution.shippingBy,
        note: row.resolution.note ?? null,
      }
    : null,
  createdAt: row.createdAt.toISOString(),
});
