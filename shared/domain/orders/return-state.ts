import { notify } from '#domain/notifications/notifications.ts';
import type { Stored } from '#platform/collection.ts';
import { guardedMove, type Moves } from '#platform/guarded-move.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict } from '#platform/problem.ts';
import { changeOrder, orderById } from './order-state.ts';
import { type ReturnRequest, ReturnRequests, type ReturnStatus } from './return.model.ts';
import { RETURN_EVENT_OF, ReturnUpdated } from './return-events.ts';

export type ReturnRow = ReturnRequest & Stored & { readonly _id: Id<'return'> };

/** Where a return may go from each state. Anything else is refused. */
export const NEXT_RETURN: Moves<ReturnStatus> = {
  requested: ['approved', 'rejected', 'escalated', 'withdrawn'],
  // Where nothing has to come back, what is approved is resolved at once.
  approved: ['awaiting_parcel', 'resolved', 'withdrawn', 'expired'],
  rejected: ['escalated'],
  escalated: ['resolved'],
  awaiting_parcel: ['in_transit'],
  in_transit: ['received'],
  received: ['resolved', 'escalated'],
  resolved: [],
  withdrawn: [],
  expired: [],
};

/** It has come to an end: the order goes on. What is rejected waits for the buyer's appeal. */
const ENDED: readonly ReturnStatus[] = ['resolved', 'withdrawn', 'expired'];

type Learnable =
  | 'evidenceUntil'
  | 'offerMinor'
  | 'parcel'
  | 'condition'
  | 'resolution'
  | 'statements';

/** What a move changes beside the status. A deadline that is not said ends with the move. */
interface Learned {
  readonly set?: Partial<Pick<ReturnRequest, Learnable>>;
  readonly deadline?: ReturnRequest['deadline'];
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

/**
 * Brings a return into a state, announces it and tells those involved, in a transaction. Throws
 * `Conflict` when it cannot go there, or has changed since it was read.
 */
export async function moveReturn(
  { _id, version }: ReturnRow,
  to: ReturnStatus,
  { set, deadline, by, note }: Learned,
  now: Date,
): Promise<ReturnRow> {
  const ends = ENDED.includes(to);
  const step = {
    ...{ to, by, note },
    where: { version, open: true },
    set: { ...set, ...(deadline && { deadline }) },
    unset: [...(deadline ? [] : ['deadline']), ...(ends ? ['open'] : [])],
  };
  const moved = await guardedMove(ReturnRequests, NEXT_RETURN, _id, step, now);
  if (!moved) throw new Conflict({ current: (await returnById(_id))?.status ?? null });
  await announceReturn(moved, now, by);
  if (ends) await closeOnOrder(moved, now);
  return moved;
}

/** Changes a return that stays in its state, as `moveReturn`. */
export async function changeReturn(
  { _id, version, status }: ReturnRow,
  { set = {}, by, note }: Omit<Learned, 'deadline'>,
  step: string,
  now: Date,
): Promise<ReturnRow> {
  const entry = { status: step, at: now, ...(by && { by }), ...(note && { note }) };
  const changed = await ReturnRequests.findOneAndUpdate(
    { _id, version, status },
    {
      $set: set,
      $inc: { version: 1 },
      $push: { timeline: { $each: [entry], $slice: -100 } },
    },
    { returnDocument: 'after' },
  ).lean<ReturnRow>();
  if (!changed) throw new Conflict({ current: (await returnById(_id))?.status ?? null });
  await tell(changed, ReturnUpdated, now, by);
  return changed;
}

/** Tells of the state a return is in, as part of the transaction that brought it there. */
export const announceReturn = (row: ReturnRow, now: Date, by?: Id<'user'>): Promise<void> =>
  tell(row, RETURN_EVENT_OF[row.status], now, by);

async function tell(
  row: ReturnRow,
  event: typeof ReturnUpdated | (typeof RETURN_EVENT_OF)[ReturnStatus],
  now: Date,
  by?: Id<'user'>,
): Promise<void> {
  const { _id, order, buyer, shop, seller, status } = row;
  const facts = { returnId: _id, orderId: order, buyerId: buyer, shopId: shop, sellerId: seller };
  await publish(event, { ...facts, status }, { now, ...(by && { actor: by }) });
  const subject = { type: 'order', id: order };
  const asked = status === 'requested' && row.version === 0;
  const type = asked ? 'return_requested' : 'return_updated';
  for (const user of [buyer, seller])
    if (!sameId(user, by) && !(asked && sameId(user, buyer)))
      await notify({ user, type, subject }, now);
}

/** The order goes on: nothing keeps it from being completed any more. */
async function closeOnOrder({ order: id, status }: ReturnRow, now: Date): Promise<void> {
  const order = await orderById(id);
  if (order)
    await changeOrder(order, { set: { returnStatus: 'closed' }, step: `return_${status}` }, now);
}

/** The buyer lets a refusal stand. In a transaction. */
export async function closeRejected(row: ReturnRow, now: Date): Promise<void> {
  const { _id, version } = row;
  const { matchedCount } = await ReturnRequests.updateOne(
    { _id, version, status: 'rejected' },
    { $unset: { open: 1, deadline: 1 }, $inc: { version: 1 } },
  );
  if (matchedCount > 0) await closeOnOrder(row, now);
}

export const returnById = (id: Id<'return'>): Promise<ReturnRow | null> =>
  ReturnRequests.findOne({ _id: id }).lean<ReturnRow>().exec();

const MOST_RETURNS = 100;

/** The returns of an order, oldest first. */
export const returnsOf = (order: Id<'order'>): Promise<ReturnRow[]> =>
  ReturnRequests.find({ order }).sort({ _id: 1 }).limit(MOST_RETURNS).lean<ReturnRow[]>().exec();
