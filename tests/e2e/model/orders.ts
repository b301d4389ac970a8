/** An order as the oracle sees it: what was paid, what has become of it, and what a refund takes. */
import { type Buyer, CREATOR, type Due } from './cast.ts';
import type { Card } from './money.ts';
import { type Price, sum, sumOf, upTo } from './prices.ts';

/** Orders that were placed, and are paid, together. */
export interface Checkout {
  readonly buyer: Buyer;
  /** What the buyer’s bank waits for their yes to. */
  asking?: readonly Order[] | undefined;
  /** What was paid, what of it went back, and what the buyer’s bank has taken back. */
  readonly payment: { captured: number; back: number; disputed: number };
  dispute: 'none' | 'open' | 'won' | 'lost';
  /** What the bank calls the dispute. */
  disputeId?: string;
}

/** Who has what of an order’s money; below zero is what the platform put in. */
export const SHARES = ['seller', 'creator', 'fee', 'tax', 'promo'] as const;
export type Shares = Record<(typeof SHARES)[number], number>;

export interface Order {
  readonly checkout: Checkout;
  readonly price: Price;
  status:
    | ('pending_payment' | 'on_hold' | 'awaiting_shipment' | 'partially_shipped' | 'shipped')
    | ('delivered' | 'completed' | 'cancelled');
  /** What paid for it. */
  card?: Card;
  due: Due | undefined;
  shipBy: number;
  asked?: 'open' | 'answered';
  /** By line. */
  readonly shipped: number[];
  readonly cancelled: number[];
  refunded: readonly number[];
  readonly parcels: { readonly trackingNo: string; arrived: boolean }[];
  shares: Shares;
  settled: boolean;
  /** The buyer wants to give something back, and it is not decided. */
  returning: boolean;
  /** What has gone back to the buyer, and what their bank has taken back for good. */
  back: number;
  charged: number;
  shippingBack: boolean;
  /** What was given beyond the price of something. */
  goodwill: { readonly seller: number; readonly platform: number };
  /** What the world calls it, and its lines. */
  id: string;
  lineIds: readonly string[];
}

export function newOrder(price: Price, checkout: Checkout, due: Due): Order {
  const { lines, shipping } = price;
  const none = lines.map(() => 0);
  const [fee, creator] = [sumOf(lines, 'fee'), sumOf(lines, 'commission')];
  const platformOff = sumOf(lines, 'platformOff');
  const shares = {
    seller: sumOf(lines, 'paid') + platformOff + shipping.paid - fee - creator,
    ...{ creator, fee, tax: sumOf(lines, 'tax') + shipping.tax, promo: -platformOff },
  };
  return {
    ...{ checkout, price, due, shares, status: 'pending_payment', shipBy: 0 },
    ...{ shipped: [...none], cancelled: [...none], refunded: none, parcels: [] },
    ...{ settled: false, returning: false, back: 0, charged: 0, shippingBack: false },
    ...{ goodwill: { seller: 0, platform: 0 }, id: '', lineIds: [] },
  };
}

/** In which account each share of an order lies. */
export function accountsOf({ price, settled }: Order): Readonly<Record<keyof Shares, string>> {
  const stage = settled ? 'available' : 'pending';
  const own = { fee: 'fee', tax: 'tax', promo: 'promo' };
  return { seller: `seller:${price.shop}:${stage}`, creator: `aff:${CREATOR}:${stage}`, ...own };
}

/** What of a line is neither sent nor cancelled. */
export const unsentOf = ({ price: { lines }, shipped, cancelled }: Order): number[] =>
  lines.map(({ quantity }, at) => quantity - (shipped[at] ?? 0) - (cancelled[at] ?? 0));

/** What of a line was not refunded. */
export const unrefundedOf = ({ price: { lines }, refunded }: Order): number[] =>
  lines.map(({ quantity }, at) => quantity - (refunded[at] ?? 0));

/** Something keeps an order from being completed and settled. */
export const isContested = (order: Order): boolean => order.returning || isDisputed(order);

/** The buyer’s bank has not decided whose money it is. */
export const isDisputed = ({ checkout, card, price }: Order): boolean =>
  checkout.dispute === 'open' && card !== undefined && price.total > 0;

export interface RefundWish {
  /** How many, by line. */
  readonly pieces: readonly number[];
  /** The shipping too; once. */
  readonly shipping: boolean;
  readonly goodwill: number;
  readonly by: 'seller' | 'platform';
  /** The goods can be sold again. */
  readonly restock: boolean;
}

interface Refund extends Pick<Order, 'refunded' | 'shippingBack' | 'goodwill'> {
  readonly amount: number;
  /** What each gives for it. */
  readonly shares: Shares;
}

/**
 * What a refund comes to, which may be nothing; undefined for more than there is of what it names,
 * or than is left to pay it.
 */
export function refundOf(order: Order, wish: RefundWish, left: number): Refund | undefined {
  const { price, refunded: earlier, goodwill } = order;
  const refunded = earlier.map((count, line) => count + (wish.pieces[line] ?? 0));
  if (price.lines.some(({ quantity }, line) => (refunded[line] ?? 0) > quantity)) return undefined;
  if (wish.shipping && order.shippingBack && price.shipping.paid > 0) return undefined;
  const shipping = wish.shipping ? price.shipping : { paid: 0, tax: 0 };
  const more = (part: 'paid' | 'tax' | 'fee' | 'commission' | 'platformOff'): number => {
    const parts = (counts: readonly number[]) =>
      price.lines.map((line, at) => upTo(line[part], counts[at] ?? 0, line.quantity));
    return sum(parts(refunded)) - sum(parts(earlier));
  };
  const [paid, tax] = [more('paid') + shipping.paid, more('tax') + shipping.tax];
  const [fee, creator, promo] = [more('fee'), more('commission'), more('platformOff')];
  // What was given beyond the price before is set off where it stands in the way of giving back
  // what was paid, the seller’s first; never to give more of it.
  const before = wish.goodwill > 0 ? { seller: 0, platform: 0 } : goodwill;
  const over = Math.max(0, paid + tax + wish.goodwill - left);
  const offSeller = Math.min(over, before.seller);
  const offPlatform = Math.min(over - offSeller, before.platform);
  if (over > offSeller + offPlatform) return undefined;
  const seller = (wish.by === 'seller' ? wish.goodwill : 0) - offSeller;
  const platform = (wish.by === 'platform' ? wish.goodwill : 0) - offPlatform;
  const amount = paid + tax + seller + platform;
  return {
    ...{ amount, refunded, shippingBack: order.shippingBack || wish.shipping },
    goodwill: { seller: goodwill.seller + seller, platform: goodwill.platform + platform },
    shares: {
      seller: paid + promo - fee - creator + seller,
      ...{ creator, fee, tax, promo: platform - promo },
    },
  };
}
