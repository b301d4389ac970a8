import { type Account, earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import type { Movement } from '#domain/wallet/ledger.ts';
import { type Id, sameId } from '#platform/id.ts';
import type { Order, Shares } from './order.model.ts';
import type { OrderLine } from './order-line.ts';

export const sum = (amounts: readonly number[]): number =>
  amounts.reduce((all, one) => all + one, 0);

/** What fee and commission are counted from: the price less what the seller took off. */
export const commissionable = (
  line: Pick<OrderLine, 'itemsMinor' | 'sellerDiscountMinor'>,
): number => line.itemsMinor - line.sellerDiscountMinor;

export type Priced = Pick<
  Order,
  | 'lines'
  | 'shippingMinor'
  | 'sellerShippingDiscountMinor'
  | 'platformShippingDiscountMinor'
  | 'shippingTaxMinor'
>;

/**
 * Who gets what of a paid order. Together, seller, fee, tax and affiliates get what the buyer pays
 * and what the platform adds for its coupons.
 */
export function initialShares(order: Priced): Shares {
  const { lines, shippingMinor, sellerShippingDiscountMinor } = order;
  const feeMinor = sum(lines.map((line) => line.feeMinor));
  const affiliates = lines.flatMap(({ id, affiliate }) =>
    affiliate && affiliate.amountMinor > 0
      ? [{ line: id, creator: affiliate.creator, minor: affiliate.amountMinor }]
      : [],
  );
  return {
    sellerMinor:
      sum(lines.map(commissionable)) -
      feeMinor -
      sum(affiliates.map(({ minor }) => minor)) +
      shippingMinor -
      sellerShippingDiscountMinor,
    feeMinor,
    taxMinor: sum(lines.map((line) => line.taxMinor)) + order.shippingTaxMinor,
    promoMinor:
      sum(lines.map((line) => line.platformDiscountMinor)) + order.platformShippingDiscountMinor,
    affiliates,
  };
}

/** What the buyer paid for shipping, without tax. */
export const shippingPaid = (
  order: Pick<
    Order,
    'shippingMinor' | 'sellerShippingDiscountMinor' | 'platformShippingDiscountMinor'
  >,
): number =>
  order.shippingMinor - order.sellerShippingDiscountMinor - order.platformShippingDiscountMinor;

/** What is left of shares after a refund took its part, or what they are when it gives it back. */
export function without(shares: Shares, given: Shares, sign: 1 | -1 = 1): Shares {
  const taken = (line: Id<'line'>): number =>
    sum(given.affiliates.filter((one) => sameId(one.line, line)).map(({ minor }) => minor));
  return {
    sellerMinor: shares.sellerMinor - sign * given.sellerMinor,
    feeMinor: shares.feeMinor - sign * given.feeMinor,
    taxMinor: shares.taxMinor - sign * given.taxMinor,
    promoMinor: shares.promoMinor - sign * given.promoMinor,
    affiliates: shares.affiliates.map((one) => ({
      ...one,
      minor: one.minor - sign * taken(one.line),
    })),
  };
}

type Delta = readonly [account: Account, byMinor: number];

/** What shares mean for accounts: positive is what an account gets when the order is paid. */
export const deltasOf = (
  shop: Id<'shop'>,
  { sellerMinor, feeMinor, taxMinor, promoMinor, affiliates }: Shares,
  share: 'pending' | 'available',
): Delta[] => [
  [shopAccount(shop, share), sellerMinor],
  ['fee', feeMinor],
  ['tax', taxMinor],
  ['promo', -promoMinor],
  ...affiliates.map(({ creator, minor }): Delta => [earnerAccount(creator, share), minor]),
];

/** The other way round: what gave, gets. */
export const reversed = (deltas: readonly Delta[]): Delta[] =>
  deltas.map(([account, byMinor]) => [account, -byMinor]);

/**
 * The movements that change each account by its sum, from those that lose to those that gain.
 * Throws `RangeError` unless the sums cancel out.
 */
export function movementsOf(deltas: readonly Delta[], currency: string): Movement[] {
  const sums = new Map<Account, number>();
  for (const [account, by] of deltas) sums.set(account, (sums.get(account) ?? 0) + by);
  const losing = [...sums]
    .filter(([, by]) => by < 0)
    .map(([account, by]) => ({ account, left: -by }));
  const gaining = [...sums]
    .filter(([, by]) => by > 0)
    .map(([account, by]) => ({ account, left: by }));
  const movements: Movement[] = [];
  for (const { account: to, left } of gaining)
    for (let open = left; open > 0; ) {
      const from = losing.find((one) => one.left > 0);
      if (!from) throw new RangeError('More is given than taken');
      const amountMinor = Math.min(open, from.left);
      movements.push({ from: from.account, to, amountMinor, currency });
      from.left -= amountMinor;
      open -= amountMinor;
    }
  if (losing.some((one) => one.left > 0)) throw new RangeError('More is taken than given');
  return movements;
}
