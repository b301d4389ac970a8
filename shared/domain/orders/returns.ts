import { mediaUrls, readyAssetOf } from '#domain/media/assets.ts';
import { setting } from '#domain/system/settings.ts';
import { after, hours } from '#platform/clock.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { Conflict, problem, ValidationFailed } from '#platform/problem.ts';
import { isContested } from './deliver-order.ts';
import { orderOfBuyer } from './order-lists.ts';
import { changeOrder, type OrderRow } from './order-state.ts';
import { refundShares, totalsOf } from './refund-shares.ts';
import { refundsOf } from './refunds.ts';
import {
  type ReturnReason,
  type ReturnRequest,
  ReturnRequests,
  type Statement,
} from './return.model.ts';
import { announceReturn, type ReturnRow, returnsOf } from './return-state.ts';
import { approveReturn } from './settle-return.ts';

export class ReturnWindowOver extends problem({
  code: 'return_window_over',
  status: 409,
  error: 'This order can no longer be returned',
}) {}
export class NotReturnable extends problem({
  code: 'not_returnable',
  status: 409,
  error: 'That much of this order cannot be returned',
}) {}
export class EvidenceRequired extends problem({
  code: 'evidence_required',
  status: 400,
  error: 'Show what is wrong with a photo or a video',
}) {}

export interface Said {
  readonly note: string;
  readonly evidence: readonly Id<'media'>[];
}

export interface ReturnWish extends Said {
  readonly type: ReturnRequest['type'];
  readonly reason: ReturnReason;
  readonly lines: ReturnRequest['lines'];
}

/** Where one look tells more than the buyer's word. */
const SHOWN: readonly ReturnReason[] = ['damaged', 'defective', 'wrong_item', 'not_as_described'];

/**
 * Asks for money back, in the caller's transaction; the order is not completed before it is
 * decided. Small amounts are approved at once. Throws `NotFound`, `Conflict` where it was not
 * delivered or another return is open, `ReturnWindowOver`, `NotReturnable` and `EvidenceRequired`.
 */
export async function requestReturn(
  buyer: Id<'user'>,
  id: Id<'order'>,
  wish: ReturnWish,
  now: Date,
): Promise<ReturnRow> {
  if (!inTransaction()) throw new Error('requestReturn() must be called inside transaction()');
  const order = await orderOfBuyer(buyer, id);
  expectReturnable(order, now);
  const { type, reason, lines } = wish;
  if (new Set(lines.map(({ line }) => line.toHexString())).size !== lines.length)
    throw new ValidationFailed({ field: 'lines', details: ['lines: a line is named twice'] });
  await expectLeft(order, lines);
  if (wish.evidence.length === 0 && (type !== 'return_refund' || SHOWN.includes(reason)))
    throw new EvidenceRequired({ field: 'evidence' });
  await changeOrder(
    order,
    { set: { returnStatus: 'open' }, step: 'return_requested', by: buyer },
    now,
  );
  const at = after(now, hours(await setting('returns.sellerHours')));
  const _id = newId<'return'>();
  const { shop, seller, currency } = order;
  const said = await statementOf(buyer, 'buyer', wish, now);
  const parties = { order: id, buyer, shop, seller, currency };
  const timeline = [{ status: 'requested' as const, at: now, by: buyer }];
  const facts = { type, reason, lines, statements: [said], deadline: { kind: 'answer', at } };
  const [created] = await ReturnRequests.create([
    { _id, ...parties, ...facts, timeline, open: true } as never,
  ]);
  const row = created?.toObject() as ReturnRow;
  await announceReturn(row, now, buyer);
  const limitMinor = await setting('returns.autoApproveUpToMinor');
  const worth = await worthOf(order, lines);
  return worth <= limitMinor ? approveReturn(row, { by: 'system' }, now) : row;
}

function expectReturnable(order: OrderRow, now: Date): void {
  const { status, deadline, returnStatus } = order;
  if (status !== 'delivered' || isContested(order))
    throw new Conflict({ current: { status, returnStatus } });
  if (deadline?.kind !== 'complete' || deadline.at <= now) throw new ReturnWindowOver();
}

/** Refuses pieces that were refunded, or for which the buyer has accepted something else. */
async function expectLeft(order: OrderRow, lines: ReturnRequest['lines']): Promise<void> {
  const settled = (await returnsOf(order._id)).filter(
    ({ resolution }) => resolution?.outcome === 'partial',
  );
  for (const { line: id, quantity } of lines) {
    const line = order.lines.find((one) => sameId(one.id, id));
    const gone = settled.flatMap((one) => one.lines.filter(({ line: done }) => sameId(done, id)));
    const left =
      (line?.quantity ?? 0) -
      (line?.refundedQuantity ?? 0) -
      gone.reduce((sum, one) => sum + one.quantity, 0);
    if (quantity > left)
      throw new NotReturnable({ current: { lineId: id.toHexString(), left: Math.max(0, left) } });
  }
}

async function worthOf(order: OrderRow, lines: ReturnRequest['lines']): Promise<number> {
  const earlier = (await refundsOf(order._id)).filter(({ status }) => status !== 'cancelled');
  const parts = { lines, shippingMinor: 0, goodwillMinor: 0, goodwillBy: 'seller' } as const;
  return totalsOf(refundShares(order, parts, earlier)).amountMinor;
}

/** What one side says, with files of their own that are ready. Throws `NotFound`, `MediaNotReady` and `MediaUnusable`. */
export async function statementOf(
  person: Id<'user'>,
  by: Statement['by'],
  { note, evidence }: Said,
  now: Date,
): Promise<Statement> {
  const shown: Statement['evidence'][number][] = [];
  for (const id of evidence) {
    const asset = await readyAssetOf(person, id, 'evidence');
    const { videoUrl, imageUrl, thumbnailUrl } = mediaUrls(asset);
    const url = videoUrl ?? imageUrl ?? '';
    shown.push({ asset: id, url, thumbnailUrl: thumbnailUrl ?? url });
  }
  return { by, note, evidence: shown, at: now };
}
