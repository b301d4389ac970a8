import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { AffiliateOffers } from './affiliate-offer.model.ts';
import { Commissions } from './commission.model.ts';

export interface EarnedCommission {
  readonly order: Id<'order'>;
  readonly creator: Id<'user'>;
  readonly line: Id<'line'>;
  readonly offer: Id<'offer'>;
  readonly baseMinor: number;
  readonly amountMinor: number;
  readonly content?: Id<'content'> | undefined;
  readonly live?: Id<'live'> | undefined;
}

/**
 * Writes down what creators earn with the lines of a paid order, once for each line; inside the
 * caller's transaction. They stay pending until the order is completed.
 */
export async function recordCommissions(
  earned: readonly EarnedCommission[],
  _now: Date,
): Promise<void> {
  if (!inTransaction()) throw new Error('recordCommissions() must be called inside transaction()');
  if (earned.length === 0) return;
  const offers = await AffiliateOffers.find(
    { _id: { $in: earned.map(({ offer }) => offer) } },
    { currency: 1 },
  ).lean();
  const currencies = new Map(offers.map(({ _id, currency }) => [_id.toHexString(), currency]));
  for (const { content, live, offer, order, line, ...amounts } of earned) {
    const currency = currencies.get(offer.toHexString());
    if (currency === undefined) throw new Error(`No affiliate offer ${offer.toHexString()}`);
    const source = { ...(content && { content }), ...(live && { live }) };
    await Commissions.updateOne(
      { order, line },
      { $setOnInsert: { ...amounts, offer, source, currency, status: 'pending' } },
      { upsert: true },
    );
  }
}

/** The creators' shares of a completed order are theirs. Repeating it changes nothing. */
export async function payableCommissions(order: Id<'order'>): Promise<void> {
  await Commissions.updateMany({ order, status: 'pending' }, { $set: { status: 'payable' } });
}

/**
 * Takes back a part of a commission because its line was refunded, and all of it when nothing is
 * left; inside the caller's transaction. A line without a commission is passed over.
 */
export async function reduceCommission(
  order: Id<'order'>,
  line: Id<'line'>,
  byMinor: number,
): Promise<void> {
  if (!inTransaction()) throw new Error('reduceCommission() must be called inside transaction()');
  const reduced = await Commissions.findOneAndUpdate(
    { order, line, amountMinor: { $gte: byMinor } },
    { $inc: { amountMinor: -byMinor, reversedMinor: byMinor } },
    { returnDocument: 'after', projection: { amountMinor: 1 } },
  ).lean();
  if (reduced?.amountMinor === 0)
    await Commissions.updateOne({ _id: reduced._id }, { $set: { status: 'reversed' } });
}
