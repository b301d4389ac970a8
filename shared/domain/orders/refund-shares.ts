import { type Id, sameId } from '#platform/id.ts';
import type { Order, Shares } from './order.model.ts';
import type { OrderLine } from './order-line.ts';
import { commissionable, type Priced, shippingPaid, sum } from './shares.ts';

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
 * goodwill was called off since. Throws `RangeError` when it is too high all the same, and for more
 * goodwill than fits.
 */
export function within(
  capMinor: number,
  refunded: Refunded,
  earlier: readonly Refunded[],
): Refunded {
  const { sellerMinor, platformMinor } = refunded.goodwill;
  const seller = sum(earlier.map(({ goodwill }) => goodwill.sellerMinor));
  const platform = sum(earlier.map(({ goodwill }) => goodwill.platformMinor));
  const owed = { seller: Math.max(0, -seller), platform: Math.max(0, -platform) };
  const wanted = totalsOf(refunded).amountMinor + owed.seller + owed.platform;
  const given = sellerMinor + platformMinor > 0 ? [0, 0] : [seller, platform];
  const [bySeller = 0, byPlatform = 0, notSeller = 0, notPlatform = 0] = takenFrom(
    [...given.map((minor) => Math.max(0, minor)), owed.seller, owed.platform],
    Math.max(0, wanted - capMinor),
  );
  return {
    ...refunded,
    goodwill: {
      sellerMinor: sellerMinor + owed.seller - notSeller - bySeller,
      platformMinor: platformMinor + owed.platform - notPlatform - byPlatform,
    },
  };
}

/** How much of an amount each of several gives, the first ones first. Throws `RangeError` for more than they have. */
function takenFrom(haves: readonly number[], amountMinor: number): number[] {
  let open = amountMinor;
  const parts = haves.map((have) => {
    const part = Math.min(open, have);
    open -= part;
    return part;
  });
  if (open > 0) throw new RangeError(`${open} too much`);
  return parts;
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
