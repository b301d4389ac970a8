import { payoutById } from '#domain/wallet/payout-state.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { type Commission, Commissions } from './commission.model.ts';

/** More than anybody is paid for at once; what is beyond stays payable. */
const MOST = 5000;

/**
 * Marks the commissions that a payout has paid, the oldest first, and takes that back when the
 * money came back. It goes by the payout's state, so that its events may come in any order. Must
 * be called inside a transaction.
 */
export async function payCommissions(id: Id<'payout'>): Promise<void> {
  if (!inTransaction()) throw new Error('payCommissions() must be called inside transaction()');
  const payout = await payoutById(id);
  if (payout?.payee.type !== 'user') return;
  const creator = payout.user;
  if (payout.status === 'returned') {
    await Commissions.updateMany(
      { creator, payout: id, status: 'paid' },
      { $set: { status: 'payable' }, $unset: { payout: 1 } },
    );
    return;
  }
  if (payout.status !== 'paid' || (await Commissions.exists({ creator, payout: id }))) return;
  const minor = payout.items
    .filter(({ source }) => source === 'affiliate')
    .reduce((sum, item) => sum + item.minor, 0);
  if (minor === 0) return;
  const payable = await Commissions.find({ creator, status: 'payable' }, { amountMinor: 1 })
    .sort({ createdAt: 1, _id: 1 })
    .limit(MOST)
    .lean();
  const paid = covered(payable, minor).map(({ _id }) => _id);
  if (paid.length > 0)
    await Commissions.updateMany({ _id: { $in: paid } }, { $set: { status: 'paid', payout: id } });
}

/** The first of them that an amount pays in full. */
function covered<Row extends Pick<Commission, 'amountMinor'>>(
  rows: readonly Row[],
  minor: number,
): Row[] {
  let left = minor;
  const end = rows.findIndex(({ amountMinor }) => {
    left -= amountMinor;
    return left < 0;
  });
  return rows.slice(0, end === -1 ? rows.length : end);
}
