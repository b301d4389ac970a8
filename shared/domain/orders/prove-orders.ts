import { type Account, earnerAccount, escrowOf, shopAccount } from '#domain/wallet/accounts.ts';
import { changesOfJournals, escrowsOf } from '#domain/wallet/balances.ts';
import { historyBoundary } from '#domain/wallet/history-boundary.ts';
import { journalOf } from '#domain/wallet/ledger.ts';
import { type Difference, type Finding, MOST_DIFFERENCES } from '#domain/wallet/proof.ts';
import { BEGINNING } from '#domain/wallet/seals.ts';
import { reader } from '#platform/auditor.ts';
import { clock, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { Orders, type Shares } from './order.model.ts';
import type { OrderRow } from './order-state.ts';
import { Refunds } from './refund.model.ts';
import { givenBy } from './refund-shares.ts';
import type { RefundRow } from './refund-state.ts';

const PAGE = 100;
/** Money for an order that is cancelled is on its way back: so long it may lie in escrow. */
const ON_ITS_WAY_MS = hours(1);

/**
 * Proves that an order at its end has left nothing in escrow, and that what the shop and the
 * creators wait for is what the order's shares say, with the refunds that are still to be booked.
 */
export async function proveOrders(deadline: Date, onItsWayMs = ON_ITS_WAY_MS): Promise<Finding> {
  const differences: Difference[] = [];
  let read = 0;
  let last: Id = BEGINNING;
  while (clock.now() <= deadline) {
    const after = last;
    const page = await transaction(() => ordersAfter(after, onItsWayMs));
    differences.push(...page.differences.slice(0, MOST_DIFFERENCES - differences.length));
    read += page.orders.length;
    last = page.orders.at(-1)?._id ?? last;
    if (page.orders.length < PAGE) return { differences, read, complete: true };
  }
  return { differences, read, complete: false };
}

/** Some orders with their refunds and what the books say of them, all of one moment. */
async function ordersAfter(last: Id, onItsWayMs: number) {
  const orders = await reader(Orders)
    .find({ _id: { $gt: last } })
    .sort({ _id: 1 })
    .limit(PAGE)
    .lean<OrderRow[]>();
  if (orders.length === 0) return { orders, differences: [] };
  const ids = orders.map(({ _id }) => _id);
  const refunds = await reader(Refunds)
    .find({ order: { $in: ids } })
    .sort({ order: 1, _id: 1 })
    .lean<RefundRow[]>();
  const of = ({ _id }: OrderRow) => refunds.filter(({ order }) => order.equals(_id));
  const escrows = await escrowsOf(ids, historyBoundary(onItsWayMs));
  const booked = await changesOfJournals(orders.flatMap((order) => journalsOf(order, of(order))));
  const differences = orders.flatMap((order) => [
    ...leftInEscrow(order, of(order), escrows.get(escrowOf(order._id))),
    ...notAsShared(order, of(order), booked),
  ]);
  return { orders, differences };
}

const isUnbooked = ({ status }: RefundRow): boolean =>
  status !== 'succeeded' && status !== 'returned' && status !== 'cancelled';

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

function leftInEscrow(
  { _id, status }: OrderRow,
  refunds: readonly RefundRow[],
  escrow: { readonly minor: number; readonly oldMinor: number } = { minor: 0, oldMinor: 0 },
): Difference[] {
  if (status !== 'completed' && status !== 'cancelled') return [];
  const goingBack = refunds.filter((one) => one.from === 'escrow' && isUnbooked(one));
  const expected = sum(goingBack.map(({ amountMinor }) => amountMinor));
  if (escrow.minor === expected || escrow.oldMinor === expected || escrow.oldMinor === 0) return [];
  const subject = _id.toHexString();
  return [{ kind: 'escrow', subject, expected: String(expected), found: String(escrow.minor) }];
}

/** A payment has one order of each shop, so what a chargeback took of the shop, it took of the order. */
const journalsOf = ({ _id: id, payment }: OrderRow, refunds: readonly RefundRow[]): string[] => [
  ...['order', 'settlement'].map((type) => journalOf({ type, id })),
  ...(payment ? [journalOf({ type: 'chargeback', id: payment })] : []),
  ...refunds.flatMap((refund) =>
    ['refund', 'refund_off'].map((type) => journalOf({ type, id: refund._id })),
  ),
];

/** Who waits for how much of an order: its shares until it is settled, and what refunds will take. */
function notAsShared(
  order: OrderRow,
  refunds: readonly RefundRow[],
  booked: ReadonlyMap<string, number>,
): Difference[] {
  const { shares, settlement, shop } = order;
  if (!shares) return [];
  const taking = refunds.filter((one) => one.from === 'pending' && isUnbooked(one));
  const waiting: Shares[] = [
    ...(settlement?.settledAt ? [] : [shares]),
    ...taking.map((refund) => givenBy(order, refund)),
  ];
  const expected = new Map<Account, number>([[shopAccount(shop, 'pending'), 0]]);
  const add = (account: Account, minor: number) =>
    expected.set(account, (expected.get(account) ?? 0) + minor);
  for (const { sellerMinor, affiliates } of waiting) {
    add(shopAccount(shop, 'pending'), sellerMinor);
    for (const { creator, minor } of affiliates) add(earnerAccount(creator, 'pending'), minor);
  }
  const journals = journalsOf(order, refunds);
  return [...expected].flatMap(([account, minor]): Difference[] => {
    const found = sum(journals.map((journal) => booked.get(`${journal} ${account}`) ?? 0));
    if (found === minor) return [];
    const subject = `${order._id.toHexString()} ${account}`;
    return [{ kind: 'share', subject, expected: String(minor), found: String(found) }];
  });
}
