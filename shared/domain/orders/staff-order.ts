import { z } from 'zod';
import { approve, propose } from '#domain/admin/approvals.ts';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { setting } from '#domain/system/settings.ts';
import { line } from '#domain/users/words.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { cancelPaid, cancelUnsent } from './cancel-order.ts';
import { deliverOrder } from './deliver-order.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { refundedMinor } from './order-view.ts';

const reason = line(500).pipe(z.string().min(1));

const Deed = z.discriminatedUnion('action', [
  z.strictObject({
    /** All that is left of it; of what was sent in part, what was not sent. */
    action: z.literal('cancel'),
    reason,
    /** The goods can be sold again. */
    restock: z.boolean().default(false),
  }),
  z.strictObject({
    /** The buyer has it, though no carrier says so. */
    action: z.literal('deliver'),
    reason,
  }),
]);
type Deed = z.infer<typeof Deed>;

/** What staff does with an order, or a second person's yes to that. */
export const StaffOrderWish = z.union([Deed, z.strictObject({ approvalId: idOf('approval') })]);

const KIND = 'order';
const PERMISSION = 'money.refund';

/**
 * Does with an order what neither buyer nor seller can, in the caller's transaction: a parcel was
 * lost, intercepted, or arrived unseen. What gives back more than the limit is done once a second
 * person agrees; `approval` is what they agree to. Throws `NotFound`, `Conflict`, `NotRefundable`
 * and `SecondPersonRequired`.
 */
export async function actOnOrderAsStaff(
  staff: Staff,
  id: Id<'order'>,
  wish: z.infer<typeof StaffOrderWish>,
  now: Date,
): Promise<{ readonly order: OrderRow; readonly approval: Id<'approval'> | null }> {
  if (!inTransaction()) throw new Error('actOnOrderAsStaff() must be called inside transaction()');
  const order = await existing(id);
  const agreed = 'approvalId' in wish;
  const deed = agreed ? await agreedTo(staff, id, wish.approvalId, now) : wish;
  const limitMinor = await setting('refunds.twoPersonOverMinor');
  const large = deed.action === 'cancel' && order.totalMinor - refundedMinor(order) > limitMinor;
  const approval = large && !agreed ? await proposed(staff, id, deed) : null;
  if (!approval) await carryOut(order, deed, staff.actor.id, now);
  const after = await existing(id);
  await recordDeed(
    staff,
    {
      permission: PERMISSION,
      action: approval ? `order.${deed.action}_proposed` : `order.${deed.action}`,
      target: { type: KIND, id },
      before: { status: order.status },
      after: { status: after.status, ...(approval && { approvalId: approval }) },
      reason: deed.reason,
    },
    now,
  );
  return { order: after, approval };
}

function carryOut(order: OrderRow, deed: Deed, actor: Id<'user'>, now: Date): Promise<OrderRow> {
  const { action, reason: note } = deed;
  if (action === 'deliver') return deliverOrder(order, { by: actor, note }, now);
  const cancelling = { by: 'staff', reason: note, restock: deed.restock, actor } as const;
  return order.status === 'on_hold' || order.status === 'shipped'
    ? cancelPaid(order, { ...cancelling, from: ['on_hold', 'shipped'] }, now)
    : cancelUnsent(order, cancelling, now);
}

async function existing(id: Id<'order'>): Promise<OrderRow> {
  const order = await orderById(id);
  if (!order) throw new NotFound();
  return order;
}

const proposed = (staff: Staff, id: Id<'order'>, deed: Deed): Promise<Id<'approval'>> =>
  propose(
    KIND,
    { order: id.toHexString(), deed: { ...deed } },
    { by: staff.actor.id, reason: deed.reason },
  );

const Proposed = z.object({ order: z.string(), deed: Deed });

async function agreedTo(
  staff: Staff,
  id: Id<'order'>,
  approval: Id<'approval'>,
  now: Date,
): Promise<Deed> {
  const { payload } = await approve(KIND, approval, staff.actor.id, now);
  const { order, deed } = Proposed.parse(payload);
  if (order !== id.toHexString()) throw new NotFound();
  return deed;
}
