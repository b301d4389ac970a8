/** Placing orders, paying for them, and giving money back. */
import { type Buyer, COUPONS, type Due, PRODUCTS, TIMES } from './cast.ts';
import { broke, type Card, type Money, made, ok, refuse, type Verdict } from './money.ts';
import {
  accountsOf,
  type Checkout,
  newOrder,
  type Order,
  type RefundWish,
  refundOf,
  SHARES,
} from './orders.ts';
import { priceOf, spread, sum, upTo, type Wanted } from './prices.ts';

export interface CheckoutWish {
  readonly buyer: Buyer;
  /** In the order in which they lie in a cart: as the products. */
  readonly goods: readonly Wanted[];
  readonly card: Card;
  readonly codes: readonly string[];
}

export class Checkouts {
  readonly stock = PRODUCTS.map(({ stock }) => stock);
  /** What is left of each coupon. */
  readonly coupons = COUPONS.map((coupon) => ({ ...coupon, usedBy: [] as Buyer[] }));
  readonly orders: Order[] = [];
  /** Minutes since the beginning. */
  now = 0;
  readonly #money: Money;
  /** Uses of coupons that came to nothing; a job puts them back into the budgets. */
  #unused: { readonly code: string; readonly minor: number; readonly uses: number }[] = [];

  constructor(money: Money) {
    this.#money = money;
  }

  checkOut({ buyer, goods, card, codes }: CheckoutWish): Verdict {
    if (goods.some(({ product, quantity }) => (this.stock[product] ?? 0) < quantity))
      return refuse('sold_out');
    const prices = priceOf(goods, codes) ?? [];
    const coupons = this.coupons
      .filter(({ code }) => codes.includes(code))
      .map((coupon) => {
        const parts = prices.flatMap((price) => price.coupons);
        const minor = sum(parts.filter(({ code }) => code === coupon.code).map((one) => one.minor));
        return { coupon, code: coupon.code, minor };
      });
    const spent = coupons.some(({ coupon: { uses, budget, perUser, usedBy }, minor }) => {
      const before = usedBy.filter((name) => name === buyer).length;
      return uses < 1 || budget < 1 || minor > budget || before >= perUser;
    });
    if (prices.length === 0 || spent) return refuse('checkout_blocked');
    const total = sum(prices.map((price) => price.total));
    if (card === 'wallet' && this.#money.of(`cash:${buyer}`) < total) return broke;

    for (const { product, quantity } of goods) this.restock(product, -quantity);
    const used = coupons.filter(({ minor }) => minor > 0);
    for (const { coupon, minor } of used) {
      coupon.uses -= 1;
      coupon.budget -= minor;
      coupon.usedBy.push(buyer);
    }
    const payment = { captured: 0, back: 0, disputed: 0 };
    const checkout: Checkout = { buyer, payment, dispute: 'none' };
    this.orders.push(...prices.map((price) => newOrder(price, checkout, this.in('pay'))));
    this.#charge(checkout, card);
    return made;
  }

  restock(product: number, pieces: number): void {
    this.stock[product] = (this.stock[product] ?? 0) + pieces;
  }

  in(kind: Due['kind']): Due {
    return { kind, at: this.now + TIMES[kind] };
  }

  of(checkout: Checkout): Order[] {
    return this.orders.filter((order) => order.checkout === checkout);
  }

  waiting(checkout: Checkout): Order[] {
    return this.of(checkout).filter(({ status }) => status === 'pending_payment');
  }

  /** Lets the wallet or a card pay for all of a checkout that still waits. */
  #charge(checkout: Checkout, card: Card): void {
    const waiting = this.waiting(checkout);
    const free = sum(waiting.map(({ price }) => price.total)) === 0;
    if (card === 'pm_card_authenticationRequired' && !free) checkout.asking = waiting;
    else if (card !== 'pm_card_chargeDeclined' || free) this.#capture(waiting, card);
  }

  /** The money is shared out at once; what it can no longer buy goes back. */
  #capture(orders: readonly Order[], card: Card): void {
    for (const order of orders) {
      const { checkout, price, status } = order;
      checkout.payment.captured += price.total;
      if (status === 'pending_payment') {
        order.card = card;
        order.status = 'on_hold';
        order.due = this.in('confirm');
        this.#money.add(card === 'wallet' ? `cash:${checkout.buyer}` : 'psp', -price.total);
        this.share(order, 1);
      } else checkout.payment.back += price.total;
    }
  }

  /** Books what is left of an order’s shares, or takes it out again with −1. */
  share(order: Order, sign: 1 | -1, shares = order.shares): void {
    const accounts = accountsOf(order);
    for (const share of SHARES) this.#money.add(accounts[share], sign * shares[share]);
  }

  payAgain(order: Order, card: Card): Verdict {
    if (order.status !== 'pending_payment') return refuse('conflict');
    if ((order.due?.at ?? 0) <= this.now) return refuse('hold_expired');
    const { checkout } = order;
    const total = sum(this.waiting(checkout).map(({ price }) => price.total));
    checkout.asking = undefined;
    if (card === 'wallet' && this.#money.of(`cash:${checkout.buyer}`) < total) return broke;
    this.#charge(checkout, card);
    return ok;
  }

  /** The buyer tells their bank that it is them. */
  consent(checkout: Checkout): void {
    const asked = checkout.asking ?? [];
    checkout.asking = undefined;
    this.#capture(asked, 'pm_card_authenticationRequired');
  }

  cancelUnpaid(order: Order): void {
    const { checkout, price } = order;
    order.status = 'cancelled';
    order.due = undefined;
    for (const { product, quantity } of price.lines) this.restock(product, quantity);
    for (const { code, minor } of price.coupons) {
      const others = this.of(checkout).filter((one) =>
        one.price.coupons.some((coupon) => coupon.code === code),
      );
      const last = others.every(({ status, card }) => status === 'cancelled' && !card);
      const usedBy = this.coupons.find((coupon) => coupon.code === code)?.usedBy ?? [];
      if (last) usedBy.splice(usedBy.indexOf(checkout.buyer), 1);
      this.#unused.push({ code, minor, uses: last ? 1 : 0 });
    }
  }

  /** Nobody waits any longer for what was not paid in time. */
  releaseUnpaid(): void {
    for (const { due, checkout } of this.orders)
      if (due?.kind === 'pay' && due.at <= this.now)
        for (const one of this.waiting(checkout)) this.cancelUnpaid(one);
    for (const { checkout } of this.orders)
      if (this.waiting(checkout).length === 0) checkout.asking = undefined;
    for (const { code, minor, uses } of this.#unused)
      for (const coupon of this.coupons.filter((one) => one.code === code)) {
        coupon.uses += uses;
        coupon.budget += minor;
      }
    this.#unused = [];
  }

  /** What can still go back of what was paid for an order. */
  leftOf({ price, back, charged, checkout: { payment } }: Order): number {
    const left = payment.captured - payment.back - payment.disputed;
    return Math.max(0, Math.min(price.total - back - charged, left));
  }

  /** Gives money back to where it came from. Refused where there is not that much left. */
  refund(order: Order, wish: RefundWish): Verdict {
    if (!order.card) return refuse('conflict');
    const refund = refundOf(order, wish, this.leftOf(order));
    if (!refund || (refund.amount === 0 && sum(wish.pieces) === 0)) return refuse('not_refundable');
    const { amount, shares, ...taken } = refund;
    const { card, checkout, price } = order;
    Object.assign(order, taken);
    order.back += amount;
    checkout.payment.back += amount;
    for (const share of SHARES) order.shares[share] -= shares[share];
    this.share(order, -1, shares);
    // What a bank sends back is the buyer’s all the same, in their wallet.
    const toWallet = card === 'wallet' || card === 'pm_card_refundFail';
    this.#money.add(toWallet ? `cash:${checkout.buyer}` : 'psp', amount);
    if (wish.restock)
      price.lines.forEach(({ product }, at) => this.restock(product, wish.pieces[at] ?? 0));
    return ok;
  }

  /** The buyer’s bank takes all of a payment back, for now. */
  openDispute(checkout: Checkout): void {
    checkout.dispute = 'open';
    checkout.payment.disputed = checkout.payment.captured;
  }

  /** Of what is lost each seller bears the part that they had, rounded down; the rest is the platform’s. */
  endDispute(checkout: Checkout, outcome: 'won' | 'lost'): void {
    checkout.dispute = outcome;
    const { payment } = checkout;
    if (outcome === 'won') payment.disputed = 0;
    if (outcome === 'won') return;
    const orders = this.of(checkout).filter(({ card }) => card);
    const left = orders.map(({ shares }) => sum(Object.values(shares)));
    const parts = spread(Math.min(payment.disputed, sum(left)), left);
    this.#money.move('loss', 'psp', payment.disputed);
    orders.forEach((order, at) => {
      const { shares } = order;
      const theirs = Math.min(Math.max(0, shares.seller), left[at] ?? 0);
      const minor = theirs > 0 ? upTo(parts[at] ?? 0, theirs, left[at] ?? 0) : 0;
      this.#money.move(accountsOf(order).seller, 'loss', minor);
      shares.seller -= minor;
      // As if it had been given to the buyer before: a refund has to give only the rest.
      order.charged = parts[at] ?? 0;
      const { seller, platform } = order.goodwill;
      order.goodwill = { seller: seller + minor, platform: platform + order.charged - minor };
    });
  }
}
