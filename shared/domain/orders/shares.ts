import { type Account, earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import type { Movement } from '#domain/wallet/ledger.ts';
import { type Id, sameId } from '#platform/id.ts';
import type { Order, OrderLine, Shares } from './order.model.ts';

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

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
  /** Of what was paid for shipping, without tax; `rest` is all that is left, with what coupons paid of it. */
  readonly shippingMinor: number | 'rest';
  /** Beyond what was bought; the one who funds it loses it. */
  readonly goodwillMinor: number;
  readonly goodwillBy: 'seller' | 'platform';
}

/** What one refund takes of one line: of what was paid without tax, of coupons, fee, tax and commission. */
export interface RefundedLine {
  readonly line: Id<'line'>;
  readonly quantity: number;
  readonly paidMinor: number;
  readonly promoMinor: number;
  readonly feeMinor: number;
  readonly taxMinor: number;
  readonly affiliateMinor: number;
}

/** What one refund takes, as it is kept. */
export interface Refunded {
  readonly lines: readonly RefundedLine[];
  readonly shipping: {
    readonly paidMinor: number;
    readonly promoMinor: number;
    readonly taxMinor: number;
  };
  /** Beyond what was bought, by who funds it; below zero where it is set off against what was given before. */
  readonly goodwill: { readonly sellerMinor: number; readonly platformMinor: number };
}

/** A refund in amounts: what the buyer gets, by kind. */
export interface RefundTotals {
  readonly itemsMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly goodwillMinor: number;
  /** All of it. */
  readonly amountMinor: number;
}

/** The part of an amount that belongs to the first `count` of `of` pieces. All of them get all of it. */
const upTo = (amountMinor: number, count: number, of: number): number =>
  of === 0 ? 0 : Number((BigInt(amountMinor) * BigInt(count)) / BigInt(of));

/**
 * What is to be taken so that, with what was taken before, this many of all pieces are covered.
 * Counted from the first piece each time, so that several refunds add up to exactly the whole; and
 * from what was really taken, so that it stays so when one of them is called off.
 */
const more = (amountMinor: number, count: number, of: number, taken: number): number =>
  Math.max(0, upTo(amountMinor, count, of) - taken);

/**
 * What a refund takes, given those before it that were not called off. Fees, commissions and
 * coupons go back in proportion to the pieces. Throws `RangeError` for more than there is.
 */
export function refundShares(
  order: Priced,
  parts: RefundParts,
  earlier: readonly Refunded[],
): Refunded {
  const { lines, shippingMinor, goodwillMinor, goodwillBy } = parts;
  if (new Set(lines.map(({ line }) => line.toHexString())).size !== lines.length)
    throw new RangeError('A line is named twice');
  if (!Number.isSafeInteger(goodwillMinor) || goodwillMinor < 0)
    throw new RangeError(`Not ${goodwillMinor} of goodwill`);
  return {
    lines: lines.map(({ line: id, quantity }) => {
      const line = order.lines.find((one) => sameId(one.id, id));
      if (!line) throw new RangeError(`No line ${id.toHexString()}`);
      return ofLine(line, quantity, earlier);
    }),
    shipping: ofShipping(order, shippingMinor, earlier),
    goodwill: {
      sellerMinor: goodwillBy === 'seller' ? goodwillMinor : 0,
      platformMinor: goodwillBy === 'platform' ? goodwillMinor : 0,
    },
  };
}

function ofLine(line: OrderLine, quantity: number, earlier: readonly Refunded[]): RefundedLine {
  const before = earlier.flatMap(({ lines }) => lines.filter((one) => sameId(one.line, line.id)));
  const count = quantity + sum(before.map((one) => one.quantity));
  if (!Number.isSafeInteger(quantity) || quantity < 1 || count > line.quantity)
    throw new RangeError(`Not ${quantity} of line ${line.id.toHexString()}`);
  const of = (
    field: Exclude<keyof RefundedLine, 'line' | 'quantity'>,
    amountMinor: number,
  ): number => more(amountMinor, count, line.quantity, sum(before.map((one) => one[field])));
  return {
    line: line.id,
    quantity,
    paidMinor: of('paidMinor', commissionable(line) - line.platformDiscountMinor),
    promoMinor: of('promoMinor', line.platformDiscountMinor),
    feeMinor: of('feeMinor', line.feeMinor),
    taxMinor: of('taxMinor', line.taxMinor),
    affiliateMinor: of('affiliateMinor', line.affiliate?.amountMinor ?? 0),
  };
}

function ofShipping(
  order: Priced,
  wanted: number | 'rest',
  earlier: readonly Refunded[],
): Refunded['shipping'] {
  const paid = shippingPaid(order);
  const taken = (field: keyof Refunded['shipping']): number =>
    sum(earlier.map(({ shipping }) => shipping[field]));
  const before = taken('paidMinor');
  const paidMinor = wanted === 'rest' ? paid - before : wanted;
  if (!Number.isSafeInteger(paidMinor) || paidMinor < 0 || before + paidMinor > paid)
    throw new RangeError(`Not ${paidMinor} of shipping`);
  const of = (field: 'promoMinor' | 'taxMinor', amountMinor: number): number =>
    wanted === 'rest'
      ? amountMinor - taken(field)
      : wanted === 0
        ? 0
        : more(amountMinor, before + wanted, paid, taken(field));
  return {
    paidMinor,
    promoMinor: of('promoMinor', order.platformShippingDiscountMinor),
    taxMinor: of('taxMinor', order.shippingTaxMinor),
  };
}

/**
 * The refund, made to fit into what is left of what was paid: goodwill that was given before is set
 * off, so that it never stands in the way of giving a line back; and paid out after all where that
 * goodwill was called off since. Throws `RangeError` when the refund is too high all the same.
 */
export function within(
  capMinor: number,
  refunded: Refunded,
  earlier: readonly Refunded[],
): Refunded {
  const before = (field: keyof Refunded['goodwill']): number =>
    sum(earlier.map(({ goodwill }) => goodwill[field]));
  const given = [Math.max(0, before('sellerMinor')), Math.max(0, before('platformMinor'))] as const;
  const owed = [
    Math.max(0, -before('sellerMinor')),
    Math.max(0, -before('platformMinor')),
  ] as const;
  let over = Math.max(0, totalsOf(refunded).amountMinor + sum(owed) - capMinor);
  const setOff = (upToMinor: number): number => {
    const part = Math.min(over, upToMinor);
    over -= part;
    return part;
  };
  const [seller, platform] = given.map(setOff);
  const [sellerOwed, platformOwed] = owed.map((minor) => minor - setOff(minor));
  if (over > 0) throw new RangeError(`More than ${capMinor}`);
  const { sellerMinor, platformMinor } = refunded.goodwill;
  return {
    ...refunded,
    goodwill: {
      sellerMinor: sellerMinor + (sellerOwed ?? 0) - (seller ?? 0),
      platformMinor: platformMinor + (platformOwed ?? 0) - (platform ?? 0),
    },
  };
}

/** What a refund gives to the buyer, by kind. */
export function totalsOf({ lines, shipping, goodwill }: Refunded): RefundTotals {
  const itemsMinor = sum(lines.map(({ paidMinor }) => paidMinor));
  const taxMinor = sum(lines.map((line) => line.taxMinor)) + shipping.taxMinor;
  const shippingMinor = shipping.paidMinor;
  const goodwillMinor = goodwill.sellerMinor + goodwill.platformMinor;
  const amountMinor = itemsMinor + shippingMinor + taxMinor + goodwillMinor;
  return { itemsMinor, shippingMinor, taxMinor, goodwillMinor, amountMinor };
}

/** What each gives for a refund; `promoMinor` is what the platform gets back of its coupons. */
export function givenBy(order: Pick<Order, 'lines'>, refunded: Refunded): Shares {
  const { lines, shipping, goodwill } = refunded;
  const all = (field: 'paidMinor' | 'promoMinor') =>
    sum(lines.map((line) => line[field])) + shipping[field];
  const feeMinor = sum(lines.map((line) => line.feeMinor));
  const affiliates = lines.flatMap(({ line: id, affiliateMinor: minor }) => {
    const creator = order.lines.find((one) => sameId(one.id, id))?.affiliate?.creator;
    return creator && minor > 0 ? [{ line: id, creator, minor }] : [];
  });
  return {
    sellerMinor:
      all('paidMinor') +
      all('promoMinor') -
      feeMinor -
      sum(affiliates.map(({ minor }) => minor)) +
      goodwill.sellerMinor,
    feeMinor,
    taxMinor: sum(lines.map((line) => line.taxMinor)) + shipping.taxMinor,
    promoMinor: all('promoMinor') - goodwill.platformMinor,
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
