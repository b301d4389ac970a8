import { type Account, earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import type { Movement } from '#domain/wallet/ledger.ts';
import { type Id, sameId } from '#platform/id.ts';
import type { Order, OrderLine, Shares } from './order.model.ts';

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** Rounded down: what is left over stays with the seller. */
export const shareOf = (amountMinor: number, bps: number): number =>
  Number((BigInt(amountMinor) * BigInt(bps)) / 10_000n);

/** What fee and commission are counted from: the price less what the seller took off. */
export const commissionable = (
  line: Pick<OrderLine, 'itemsMinor' | 'sellerDiscountMinor'>,
): number => line.itemsMinor - line.sellerDiscountMinor;

type Priced = Pick<
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

/** What goes back to a buyer. */
export interface RefundParts {
  readonly lines: readonly { readonly line: Id<'line'>; readonly quantity: number }[];
  /** Of what was paid for shipping, without tax. */
  readonly shippingMinor: number;
  /** Beyond what was bought; the one who funds it loses it. */
  readonly goodwillMinor: number;
  readonly goodwillBy: 'seller' | 'platform';
}

/** A refund in amounts: what the buyer gets, by kind, and who gives it. */
export interface RefundShares {
  readonly itemsMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly goodwillMinor: number;
  /** All of it. */
  readonly amountMinor: number;
  /** What each gives; `promoMinor` is what the platform gets back of its coupons. */
  readonly given: Shares;
}

/** The part of an amount that belongs to the first `count` of `of` pieces. All of them get all of it. */
const upTo = (amountMinor: number, count: number, of: number): number =>
  of === 0 ? 0 : Number((BigInt(amountMinor) * BigInt(count)) / BigInt(of));

/**
 * What a refund takes from whom. Fees, commissions and coupons go back in proportion to the
 * pieces; counted from the first piece each time, so that several refunds of one line add up to
 * exactly the line. Throws `RangeError` for more than there is.
 */
export function refundShares(
  order: Priced & Pick<Order, 'refunded'>,
  { lines, shippingMinor, goodwillMinor, goodwillBy }: RefundParts,
): RefundShares {
  const parts = lines.map(({ line: id, quantity }) => {
    const line = order.lines.find((one) => sameId(one.id, id));
    if (!line) throw new RangeError(`No line ${id.toHexString()}`);
    return ofLine(line, quantity);
  });
  const shipping = ofShipping(order, shippingMinor);
  const all = [...parts, shipping];
  const total = (field: 'paid' | 'promo' | 'fee' | 'tax') => sum(all.map((part) => part[field]));
  const affiliates = parts.flatMap(({ affiliate }) => affiliate ?? []);
  const goodwillOfSeller = goodwillBy === 'seller' ? goodwillMinor : 0;
  const itemsMinor = sum(parts.map(({ paid }) => paid));
  return {
    itemsMinor,
    shippingMinor,
    taxMinor: total('tax'),
    goodwillMinor,
    amountMinor: itemsMinor + shippingMinor + total('tax') + goodwillMinor,
    given: {
      sellerMinor:
        total('paid') +
        total('promo') -
        total('fee') -
        sum(affiliates.map(({ minor }) => minor)) +
        goodwillOfSeller,
      feeMinor: total('fee'),
      taxMinor: total('tax'),
      promoMinor: total('promo') - (goodwillMinor - goodwillOfSeller),
      affiliates,
    },
  };
}

function ofLine(line: OrderLine, quantity: number) {
  const before = line.refundedQuantity;
  if (!Number.isSafeInteger(quantity) || quantity < 1 || before + quantity > line.quantity)
    throw new RangeError(`Not ${quantity} of line ${line.id.toHexString()}`);
  const of = (amountMinor: number): number =>
    upTo(amountMinor, before + quantity, line.quantity) - upTo(amountMinor, before, line.quantity);
  const { affiliate } = line;
  const commission = affiliate ? of(affiliate.amountMinor) : 0;
  return {
    paid: of(commissionable(line) - line.platformDiscountMinor),
    promo: of(line.platformDiscountMinor),
    fee: of(line.feeMinor),
    tax: of(line.taxMinor),
    ...(affiliate &&
      commission > 0 && {
        affiliate: { line: line.id, creator: affiliate.creator, minor: commission },
      }),
  };
}

function ofShipping(order: Priced & Pick<Order, 'refunded'>, shippingMinor: number) {
  const paid = shippingPaid(order);
  const before = order.refunded.shippingMinor;
  if (!Number.isSafeInteger(shippingMinor) || shippingMinor < 0 || before + shippingMinor > paid)
    throw new RangeError(`Not ${shippingMinor} of shipping`);
  const of = (amountMinor: number): number =>
    upTo(amountMinor, before + shippingMinor, paid) - upTo(amountMinor, before, paid);
  return {
    paid: shippingMinor,
    promo: of(order.platformShippingDiscountMinor),
    fee: 0,
    tax: of(order.shippingTaxMinor),
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

/** What is left of shares after a refund took its part. */
export function without(shares: Shares, given: Shares): Shares {
  const taken = (line: Id<'line'>): number =>
    sum(given.affiliates.filter((one) => sameId(one.line, line)).map(({ minor }) => minor));
  return {
    sellerMinor: shares.sellerMinor - given.sellerMinor,
    feeMinor: shares.feeMinor - given.feeMinor,
    taxMinor: shares.taxMinor - given.taxMinor,
    promoMinor: shares.promoMinor - given.promoMinor,
    affiliates: shares.affiliates.map((one) => ({ ...one, minor: one.minor - taken(one.line) })),
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
