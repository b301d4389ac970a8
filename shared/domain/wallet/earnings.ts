import { z } from 'zod';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type PageQuery, Pagination } from '#platform/page.ts';
import { balancesOfAccounts } from './account-balances.ts';
import type { Share } from './accounts.ts';
import { LedgerEntries, type LedgerEntry } from './ledger-entry.model.ts';
import { Payouts } from './payout.model.ts';
import type { Payee } from './payout-account.model.ts';
import { PayoutAccountView, payoutAccountOf, toPayoutAccountView } from './payout-accounts.ts';
import { type PayoutRow, payeeAccount } from './payout-state.ts';
import { PayoutView, toPayoutView } from './payouts.ts';

/** How many payouts are shown beside a statement, whose lines tell of all of them. */
const LATEST = 20;

export const latestPayoutsOf = ({ type, id }: Payee): Promise<PayoutRow[]> =>
  Payouts.find({ 'payee.id': id, 'payee.type': type })
    .sort({ createdAt: -1, _id: -1 })
    .limit(LATEST)
    .lean<PayoutRow[]>()
    .exec();

/** What a payee has earned, by stage, in minor units. `available` is below zero for who owes. */
export const Earnings = z.object({
  currency: z.string(),
  pending: z.int(),
  available: z.int(),
  inPayout: z.int(),
});
export type Earnings = z.infer<typeof Earnings>;

export async function earningsOf(payee: Payee, currency: string): Promise<Earnings> {
  const account = (share: Share) => payeeAccount(payee, share);
  const [pending, available, inPayout] = [
    account('pending'),
    account('available'),
    account('in_payout'),
  ];
  const balances = await balancesOfAccounts([pending, available, inPayout], currency);
  return {
    currency,
    pending: balances.get(pending) ?? 0,
    available: balances.get(available) ?? 0,
    inPayout: balances.get(inPayout) ?? 0,
  };
}

/** One line of the statement of a payee: what one event changed in one stage of their earnings. */
export const EarningsLine = z.object({
  id: IdText,
  /** Minor units; below zero for what left. */
  amount: z.int(),
  currency: z.string(),
  /** What happened: an order that was paid or settled, a refund, a payout. */
  event: z.object({ type: z.string(), id: IdText }),
  at: z.iso.datetime(),
});

type Line = LedgerEntry & { readonly _id: Id };

export const toEarningsLine = (line: Line): z.infer<typeof EarningsLine> => ({
  id: line._id.toHexString(),
  amount: line.credit - line.debit,
  currency: line.currency,
  event: { type: line.event.type, id: line.event.id.toHexString() },
  at: line.postedAt.toISOString(),
});

/** The statement of one stage of a payee's earnings, newest first, straight from the books. */
export function earningsStatement(payee: Payee, share: Share, query: PageQuery) {
  const account = payeeAccount(payee, share);
  return findPage<LedgerEntry>({
    model: LedgerEntries,
    where: { account },
    sort: { field: 'postedAt', direction: -1 },
    query,
    scope: `earnings:${account}`,
  });
}

/** Everything a payee is shown: what they have, where it goes, and how it came about. */
export const EarningsPage = z.object({
  earnings: Earnings,
  /** Null while nobody has said where to pay. */
  account: PayoutAccountView.nullable(),
  /** The latest twenty. */
  payouts: z.array(PayoutView),
  /** The statement of the stage that was asked for. */
  lines: z.array(EarningsLine),
  pagination: Pagination,
  nextCursor: z.string().nullable(),
});

export const EarningsQuery = z.enum(['pending', 'available', 'in_payout']).default('available');

export async function earningsPage(payee: Payee, currency: string, share: Share, query: PageQuery) {
  const account = await payoutAccountOf(payee);
  const { items, pagination, nextCursor } = await earningsStatement(payee, share, query);
  return {
    earnings: await earningsOf(payee, currency),
    account: account && (await toPayoutAccountView(account)),
    payouts: (await latestPayoutsOf(payee)).map(toPayoutView),
    lines: items.map(toEarningsLine),
    pagination,
    nextCursor,
  };
}
