import { setting } from '#domain/system/settings.ts';
import { after, days } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { sameId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { type RefundParts, type RefundRow, requestRefund } from './refunds.ts';
import type { ReturnReason, ReturnRequest } from './return.model.ts';
import { moveReturn, type ReturnRow } from './return-state.ts';
import { shippingPaid } from './shares.ts';

type Resolution = NonNullable<ReturnRequest['resolution']>;

export interface Decision {
  readonly by: Resolution['by'];
  /** The person who decided, where one did. */
  readonly actor?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

/**
 * Agrees to a return: the buyer may send it back, or has their money where nothing comes back. In a
 * transaction. Throws `Conflict`.
 */
export async function approveReturn(
  row: ReturnRow,
  decision: Decision,
  now: Date,
): Promise<ReturnRow> {
  const { actor: by, note } = decision;
  const at = after(now, days(await setting('returns.shipDays')));
  const comesBack = row.type === 'return_refund';
  const deadline = comesBack ? ({ kind: 'ship', at } as const) : undefined;
  const approved = await moveReturn(row, 'approved', { deadline, by, note }, now);
  return comesBack ? approved : refundInFull(approved, decision, now);
}

/** What the seller answers for; the rest is the buyer's own choice. */
const SELLERS_FAULT: readonly ReturnReason[] = [
  'damaged',
  'defective',
  'wrong_item',
  'not_as_described',
  'not_in_parcel',
];

/** Refunds what came back, or never was there: shipping too where the seller is to blame for all of it. */
export async function refundInFull(
  row: ReturnRow,
  decision: Decision,
  now: Date,
): Promise<ReturnRow> {
  const order = await orderOf(row);
  const everything = order.lines.every((line) => {
    const back = row.lines.find((one) => sameId(one.line, line.id))?.quantity ?? 0;
    return line.refundedQuantity + back >= line.quantity;
  });
  const shippingBy = SELLERS_FAULT.includes(row.reason) && everything ? 'seller' : 'buyer';
  return resolve(row, { outcome: 'full', shippingBy, ...decision }, now);
}

/** Pays what the seller offered for the goods to stay where they are. In a transaction. */
export const payOffer = (row: ReturnRow, decision: Decision, now: Date): Promise<ReturnRow> =>
  resolve(
    row,
    { outcome: 'partial', amountMinor: row.offerMinor ?? 0, shippingBy: 'buyer', ...decision },
    now,
  );

export interface Ruling extends Decision {
  readonly outcome: Resolution['outcome'];
  /** Of a partial one: what the seller pays, whatever becomes of the goods. */
  readonly amountMinor?: number | undefined;
  readonly shippingBy: Resolution['shippingBy'];
}

/**
 * Ends a return with what the buyer gets, in the caller's transaction. Throws `Conflict` and
 * `NotRefundable`.
 */
export async function resolve(row: ReturnRow, ruling: Ruling, now: Date): Promise<ReturnRow> {
  const { outcome, by, shippingBy, note, actor } = ruling;
  const order = await orderOf(row);
  const refunds: RefundRow[] = [];
  for (const parts of partsOf(row, order, ruling))
    refunds.push(
      await requestRefund(
        {
          order,
          parts,
          reason: `return_${row.reason}`,
          initiatedBy: by,
          restock: row.condition === 'resellable',
          return: row._id,
        },
        now,
      ),
    );
  const amountMinor = refunds.reduce((sum, refund) => sum + refund.amountMinor, 0);
  const resolution = { outcome, by, amountMinor, shippingBy, ...(note !== undefined && { note }) };
  return moveReturn(row, 'resolved', { set: { resolution }, by: actor, note }, now);
}

const NOTHING = { lines: [], shippingMinor: 0, goodwillMinor: 0, goodwillBy: 'seller' } as const;

/** What is refunded: mostly one; another one where the platform bears the shipping. */
function partsOf(row: ReturnRow, order: OrderRow, ruling: Ruling): RefundParts[] {
  const { outcome, amountMinor = 0, shippingBy } = ruling;
  const shippingLeft = shippingPaid(order) - order.refunded.shippingMinor;
  const shippingMinor = shippingBy === 'seller' && shippingLeft > 0 ? 'rest' : 0;
  const parts: RefundParts[] = [
    {
      full: { ...NOTHING, lines: row.lines, shippingMinor } as const,
      partial: { ...NOTHING, goodwillMinor: amountMinor, shippingMinor } as const,
      none: { ...NOTHING, shippingMinor } as const,
    }[outcome],
  ];
  if (shippingBy === 'platform')
    parts.push({ ...NOTHING, goodwillMinor: shippingLeft, goodwillBy: 'platform' });
  return parts.filter(
    ({ lines, shippingMinor: shipping, goodwillMinor }) =>
      lines.length > 0 || shipping !== 0 || goodwillMinor > 0,
  );
}

async function orderOf({ order: id }: ReturnRow): Promise<OrderRow> {
  const order = await orderById(id);
  if (!order) throw new NotFound();
  return order;
}
