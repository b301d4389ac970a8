import { z } from 'zod';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { setting } from '#domain/system/settings.ts';
import { line, paragraph } from '#domain/users/words.ts';
import type { Actor } from '#platform/access.ts';
import { after, days, hours } from '#platform/clock.ts';
import { type Id, idOf, sameId } from '#platform/id.ts';
import { AmountMinor } from '#platform/money.ts';
import { Conflict, NotFound, PermissionRequired } from '#platform/problem.ts';
import { orderById } from './order-state.ts';
import {
  CONDITIONS,
  OUTCOMES,
  ReturnRequests,
  type ReturnStatus,
  SHIPPING_BY,
} from './return.model.ts';
import { changeReturn, moveReturn, type ReturnRow } from './return-state.ts';
import { type Said, statementOf } from './returns.ts';
import { approveReturn, payOffer, refundInFull, resolve } from './settle-return.ts';
import { type ParcelWish, registerParcel, Tracking } from './shipments.ts';

const note = line(500);
/** What somebody says of a return, with up to six files that show it. */
export const Statement = {
  note: paragraph(2000).default(''),
  evidence: z.array(idOf('media')).max(6).default([]),
};

/** What the buyer, the seller and staff can do about a return. */
export const ReturnAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('ship'), ...Tracking }),
  z.strictObject({ action: z.literal('accept') }),
  z.strictObject({ action: z.literal('withdraw') }),
  z.strictObject({ action: z.literal('escalate'), ...Statement }),
  z.strictObject({ action: z.literal('evidence'), ...Statement }),
  z.strictObject({ action: z.literal('approve'), note: note.optional() }),
  z.strictObject({ action: z.literal('reject'), note: note.pipe(z.string().min(1)) }),
  z.strictObject({ action: z.literal('offer'), amountMinor: AmountMinor, note: note.optional() }),
  z.strictObject({ action: z.literal('received'), condition: z.enum(CONDITIONS) }),
  z
    .strictObject({
      action: z.literal('rule'),
      outcome: z.enum(OUTCOMES),
      /** What the seller pays of a partial one. */
      amountMinor: AmountMinor.optional(),
      /** Who bears what the buyer had paid for shipping. */
      shippingBy: z.enum(SHIPPING_BY),
      note: note.pipe(z.string().min(1)),
    })
    .refine(({ outcome, amountMinor }) => (outcome === 'partial') === (amountMinor !== undefined), {
      message: 'amountMinor goes with a partial outcome',
    }),
]);
export type ReturnAction = z.infer<typeof ReturnAction>;
type Wish<Action extends ReturnAction['action']> = Extract<ReturnAction, { action: Action }>;
type Side = 'buyer' | 'seller' | 'staff';

const MAY: Readonly<Record<ReturnAction['action'], readonly Side[]>> = {
  ship: ['buyer'],
  accept: ['buyer'],
  withdraw: ['buyer'],
  escalate: ['buyer', 'seller'],
  evidence: ['buyer', 'seller'],
  approve: ['seller'],
  reject: ['seller'],
  offer: ['seller'],
  received: ['seller'],
  rule: ['staff'],
};

type Caller = Pick<Actor, 'id' | 'role' | 'permissions'>;

/**
 * Does what somebody wants about a return, in the caller's transaction. Throws `NotFound` for what
 * is not theirs, `PermissionRequired` for what another side may do, `Conflict` where it is too
 * late, and what the action throws.
 */
export async function actOnReturn(
  { actor, request }: { readonly actor: Caller; readonly request: Staff['request'] },
  id: Id<'return'>,
  wish: ReturnAction,
  now: Date,
): Promise<ReturnRow> {
  const { row, side } = await returnSeenBy(actor, id);
  if (!MAY[wish.action].includes(side)) throw new PermissionRequired({ field: wish.action });
  const by = actor.id;
  switch (wish.action) {
    case 'ship':
      return sendBack(row, wish, now);
    case 'accept':
      return acceptOffer(row, now);
    case 'withdraw':
      return moveReturn(row, 'withdrawn', { by }, now);
    case 'escalate':
      return escalate(row, { side, by, said: wish }, now);
    case 'evidence':
      return addEvidence(row, { side, by, said: wish }, now);
    case 'rule':
      return rule(row, wish, { actor, request }, now);
    default:
      return answer(row, wish, now);
  }
}

async function returnSeenBy(
  { id: person, role, permissions }: Caller,
  id: Id<'return'>,
): Promise<{ readonly row: ReturnRow; readonly side: Side }> {
  const staff = role === 'admin' && permissions.includes('money.refund');
  const involved = { $or: [{ buyer: person }, { seller: person }] };
  const row = await ReturnRequests.findOne({
    _id: id,
    ...(!staff && involved),
  }).lean<ReturnRow>();
  if (!row) throw new NotFound();
  const side = sameId(row.buyer, person)
    ? 'buyer'
    : sameId(row.seller, person)
      ? 'seller'
      : 'staff';
  return { row, side };
}

/** What the seller says to a return, or to what came back. */
function answer(
  row: ReturnRow,
  wish: Wish<'approve' | 'reject' | 'offer' | 'received'>,
  now: Date,
): Promise<ReturnRow> {
  const decision = { by: 'seller', actor: row.seller } as const;
  switch (wish.action) {
    case 'approve': {
      const agreed = { ...decision, note: wish.note };
      return row.status === 'received'
        ? refundInFull(row, agreed, now)
        : approveReturn(row, agreed, now);
    }
    case 'reject':
      return reject(row, wish.note, now);
    case 'offer':
      return offer(row, wish, now);
    case 'received':
      return receive(row, { condition: wish.condition, by: row.seller }, now);
  }
}

async function reject(row: ReturnRow, why: string, now: Date): Promise<ReturnRow> {
  const at = after(now, days(await setting('returns.escalateDays')));
  const deadline = { kind: 'appeal', at } as const;
  return moveReturn(row, 'rejected', { deadline, by: row.seller, note: why }, now);
}

const OFFERED: readonly ReturnStatus[] = ['requested', 'received'];

function offer(row: ReturnRow, { amountMinor, note: why }: Wish<'offer'>, now: Date) {
  if (!OFFERED.includes(row.status)) throw new Conflict({ current: row.status });
  const learned = { set: { offerMinor: amountMinor }, by: row.seller, note: why };
  return changeReturn(row, learned, 'offered', now);
}

async function acceptOffer(row: ReturnRow, now: Date): Promise<ReturnRow> {
  if (row.offerMinor === undefined || !OFFERED.includes(row.status))
    throw new Conflict({ current: row.status });
  const decision = { by: 'buyer', actor: row.buyer } as const;
  const agreed =
    row.status === 'requested' ? await moveReturn(row, 'approved', { by: row.buyer }, now) : row;
  return payOffer(agreed, decision, now);
}

async function sendBack(
  row: ReturnRow,
  { carrier, trackingNo }: Pick<ParcelWish, 'carrier' | 'trackingNo'>,
  now: Date,
): Promise<ReturnRow> {
  const order = await orderById(row.order);
  if (!order || row.status !== 'approved') throw new Conflict({ current: row.status });
  const { _id, lines, buyer: by } = row;
  const wish = { direction: 'return', return: _id, lines, carrier, trackingNo } as const;
  const parcel = await registerParcel(order, wish);
  const at = after(now, days(await setting('orders.transitDays')));
  const learned = { set: { parcel }, deadline: { kind: 'transit', at } as const, by };
  return moveReturn(row, 'awaiting_parcel', { ...learned, note: `${carrier} ${trackingNo}` }, now);
}

/** How long the seller has to object to what came back. */
const OBJECT_MS = hours(48);

/** The goods are back, as the seller says or because they must be. In a transaction. Throws `Conflict`. */
export async function receive(
  row: ReturnRow,
  { condition, by }: { condition?: (typeof CONDITIONS)[number]; by?: Id<'user'> },
  now: Date,
): Promise<ReturnRow> {
  // No carrier has to have said so.
  const there =
    row.status === 'awaiting_parcel' ? await moveReturn(row, 'in_transit', {}, now) : row;
  const deadline = { kind: 'settle', at: after(now, OBJECT_MS) } as const;
  return moveReturn(there, 'received', { set: condition ? { condition } : {}, deadline, by }, now);
}

interface Speaking {
  readonly side: Side;
  readonly by: Id<'user'>;
  readonly said: Said;
}

const MOST_STATEMENTS = 20;
/** How long both sides may say and show something once staff decides. */
const EVIDENCE_MS = hours(72);

async function saidBy(row: ReturnRow, { side, by, said }: Speaking, now: Date) {
  if (row.statements.length >= MOST_STATEMENTS) throw new Conflict({ current: row.status });
  const { note: words, evidence } = said;
  const one = await statementOf(
    by,
    side === 'buyer' ? 'buyer' : 'seller',
    { note: words, evidence },
    now,
  );
  return [...row.statements, one];
}

async function escalate(row: ReturnRow, speaking: Speaking, now: Date): Promise<ReturnRow> {
  const statements = await saidBy(row, speaking, now);
  const set = { statements, evidenceUntil: after(now, EVIDENCE_MS) };
  return moveReturn(row, 'escalated', { set, by: speaking.by }, now);
}

async function addEvidence(row: ReturnRow, speaking: Speaking, now: Date): Promise<ReturnRow> {
  if (row.status !== 'escalated' || !row.evidenceUntil || row.evidenceUntil < now)
    throw new Conflict({ current: row.status });
  const statements = await saidBy(row, speaking, now);
  return changeReturn(row, { set: { statements }, by: speaking.by }, 'evidence_added', now);
}

async function rule(
  row: ReturnRow,
  { outcome, amountMinor, shippingBy, note: why }: Wish<'rule'>,
  staff: Staff,
  now: Date,
): Promise<ReturnRow> {
  const ruling = { outcome, amountMinor, shippingBy, note: why };
  const decision = { by: 'staff', actor: staff.actor.id } as const;
  const ruled = await resolve(row, { ...ruling, ...decision }, now);
  await recordDeed(
    staff,
    {
      permission: 'money.refund',
      action: 'return.ruled',
      target: { type: 'return', id: row._id },
      before: { status: row.status },
      after: { outcome, shippingBy, amountMinor: ruled.resolution?.amountMinor },
      reason: why,
    },
    now,
  );
  return ruled;
}
