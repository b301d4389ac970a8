import { z } from 'zod';
import { approve, propose } from '#domain/admin/approvals.ts';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { setting } from '#domain/system/settings.ts';
import { line } from '#domain/users/words.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, idOf } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { NotFound } from '#platform/problem.ts';
import { RESOLUTIONS, resolveRefund } from './execute-refund.ts';
import { orderById } from './order-state.ts';
import {
  everythingLeft,
  quoteRefund,
  type RefundParts,
  type RefundRow,
  refundsOf,
  requestRefund,
} from './refunds.ts';

const reason = line(500).pipe(z.string().min(1));
const amount = z.int().min(0).max(MAX_AMOUNT_MINOR).default(0);

const Parts = z.strictObject({
  /** All that is left; else what is said. */
  everything: z.boolean().default(false),
  lines: z
    .array(z.strictObject({ lineId: idOf('line'), quantity: z.int().min(1).max(10_000) }))
    .max(100)
    .default([]),
  /** Of what was paid for shipping, without tax. */
  shippingMinor: amount,
  /** Beyond what was bought. */
  goodwillMinor: amount,
  goodwillBy: z.enum(['seller', 'platform']).default('platform'),
  /** The goods can be sold again. */
  restock: z.boolean().default(false),
  reason,
});

/** A new refund, a second person's yes to one, or what is to become of one that got stuck. */
export const StaffRefundWish = z.union([
  Parts,
  z.strictObject({ approvalId: idOf('approval') }),
  z.strictObject({ refundId: idOf('refund'), resolution: z.enum(RESOLUTIONS), reason }),
]);

interface Done {
  readonly refund: RefundRow | null;
  /** By which a second person says yes. */
  readonly approval: Id<'approval'> | null;
}

const KIND = 'refund';
const PERMISSION = 'money.refund';

/**
 * Refunds by hand, in the caller's transaction; above the limit only once a second person agrees.
 * Throws `NotFound`, `Conflict`, `NotRefundable` and `SecondPersonRequired`.
 */
export async function refundByStaff(
  staff: Staff,
  order: Id<'order'>,
  wish: z.infer<typeof StaffRefundWish>,
  now: Date,
): Promise<Done> {
  if (!inTransaction()) throw new Error('refundByStaff() must be called inside transaction()');
  if ('approvalId' in wish) return agreed(staff, order, wish.approvalId, now);
  if ('refundId' in wish) return resolved(staff, order, wish, now);
  const parts = await partsOf(order, wish);
  const { amountMinor } = await quoteRefund(order, parts);
  if (amountMinor <= (await setting('refunds.twoPersonOverMinor')))
    return refund(staff, { order, wish, parts, action: 'refund.requested' }, now);
  const payload = { order: order.toHexString(), wish: JSON.parse(JSON.stringify(wish)) };
  const approval = await propose(KIND, payload, { by: staff.actor.id, reason: wish.reason });
  const target = { type: 'order', id: order };
  const after = { approvalId: approval, amountMinor };
  const deed = { permission: PERMISSION, action: 'refund.proposed', target, after } as const;
  await recordDeed(staff, { ...deed, reason: wish.reason }, now);
  return { refund: null, approval };
}

async function partsOf(id: Id<'order'>, wish: z.infer<typeof Parts>): Promise<RefundParts> {
  const { everything, lines, shippingMinor, goodwillMinor, goodwillBy } = wish;
  const order = await orderById(id);
  if (!order) throw new NotFound();
  if (everything) return { ...everythingLeft(order), goodwillMinor, goodwillBy };
  const pieces = lines.map(({ lineId, quantity }) => ({ line: lineId, quantity }));
  return { lines: pieces, shippingMinor, goodwillMinor, goodwillBy };
}

interface Refunding {
  readonly order: Id<'order'>;
  readonly wish: Pick<z.infer<typeof Parts>, 'reason' | 'restock'>;
  readonly parts: RefundParts;
  readonly action: string;
}

async function refund(
  staff: Staff,
  { order, wish, parts, action }: Refunding,
  now: Date,
): Promise<Done> {
  const { reason: why, restock } = wish;
  const made = await requestRefund(
    { order: { _id: order }, parts, reason: why, initiatedBy: 'staff', restock },
    now,
  );
  const target = { type: 'order', id: order };
  const after = { refundId: made._id, amountMinor: made.amountMinor };
  await recordDeed(staff, { permission: PERMISSION, action, target, after, reason: why }, now);
  return { refund: made, approval: null };
}

const Proposed = z.object({ order: z.string(), wish: Parts });

async function agreed(
  staff: Staff,
  order: Id<'order'>,
  id: Id<'approval'>,
  now: Date,
): Promise<Done> {
  const { payload } = await approve(KIND, id, staff.actor.id, now);
  const { wish, order: proposed } = Proposed.parse(payload);
  if (proposed !== order.toHexString()) throw new NotFound();
  const parts = await partsOf(order, wish);
  return refund(staff, { order, wish, parts, action: 'refund.approved' }, now);
}

async function resolved(
  staff: Staff,
  order: Id<'order'>,
  wish: { refundId: Id<'refund'>; resolution: (typeof RESOLUTIONS)[number]; reason: string },
  now: Date,
): Promise<Done> {
  const before = (await refundsOf(order)).find(({ _id }) => _id.equals(wish.refundId));
  if (!before) throw new NotFound();
  const target = { type: KIND, id: before._id };
  const changes = { before: { status: before.status }, after: { resolution: wish.resolution } };
  const deed = { permission: PERMISSION, action: 'refund.resolved', target, ...changes } as const;
  await recordDeed(staff, { ...deed, reason: wish.reason }, now);
  return { refund: await resolveRefund(before._id, wish.resolution, now), approval: null };
}
