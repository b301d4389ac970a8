/** What buyers, sellers, carriers and time do with orders. */
import { DAY, type Due, TIMES } from './cast.ts';
import type { Checkouts } from './checkouts.ts';
import { ok, refuse, type Verdict } from './money.ts';
import { isContested, isDisputed, type Order, refundOf, unrefundedOf, unsentOf } from './orders.ts';
import { sum } from './prices.ts';

/** How many pieces, by line. */
type Pieces = readonly number[];

const count = (counts: number[], pieces: Pieces): void =>
  pieces.forEach((quantity, line) => (counts[line] = (counts[line] ?? 0) + quantity));

const isOpen = ({ status }: Order): boolean =>
  status === 'awaiting_shipment' || status === 'partially_shipped';

export class Fulfilment {
  readonly #checkouts: Checkouts;

  constructor(checkouts: Checkouts) {
    this.#checkouts = checkouts;
  }

  cancelAsBuyer(order: Order): Verdict {
    if (order.status === 'on_hold') return this.#cancelPaid(order, true);
    if (order.status === 'pending_payment') this.#checkouts.cancelUnpaid(order);
    else if (order.status !== 'awaiting_shipment') return refuse('conflict');
    else if (order.asked) return refuse('cancellation_already_asked');
    else {
      order.asked = 'open';
      order.due = this.#checkouts.in('consent');
    }
    return ok;
  }

  /** All that is left goes back, with shipping. */
  #cancelPaid(order: Order, restock: boolean): Verdict {
    const all = order.price.lines.map(({ quantity }) => quantity);
    const verdict = this.#giveBack(order, all, { shipping: true, restock });
    if (verdict !== ok) return verdict;
    order.status = 'cancelled';
    order.due = undefined;
    count(order.cancelled, unsentOf(order));
    return ok;
  }

  /** Of pieces that were refunded before, nothing goes back again. */
  #giveBack(
    order: Order,
    wanted: Pieces,
    { shipping, restock }: { readonly shipping: boolean; readonly restock: boolean },
  ): Verdict {
    const left = unrefundedOf(order);
    const pieces = wanted.map((quantity, line) => Math.min(quantity, left[line] ?? 0));
    const freight = shipping && !order.shippingBack;
    const wish = { pieces, shipping: freight, goodwill: 0, by: 'platform', restock } as const;
    const refund = refundOf(order, wish, this.#checkouts.leftOf(order));
    const nothing = refund?.amount === 0 && sum(pieces) === 0;
    return nothing ? ok : this.#checkouts.refund(order, wish);
  }

  /** The seller, or with their silence time, answers a buyer who wants to cancel. */
  answerWish(order: Order, grant: boolean): Verdict {
    if (!order.card) return refuse('not_found', 404);
    if (order.status !== 'awaiting_shipment' || order.asked !== 'open') return refuse('conflict');
    const verdict = grant ? this.#cancelPaid(order, true) : ok;
    if (verdict !== ok) return verdict;
    order.asked = 'answered';
    if (!grant) order.due = { kind: 'ship', at: order.shipBy };
    return ok;
  }

  /** The seller, or time, cancels pieces that were not sent. */
  cancelUnsent(order: Order, pieces: Pieces, restock: boolean): Verdict {
    if (!order.card) return refuse('not_found', 404);
    if (!isOpen(order)) return refuse('conflict');
    const unsent = unsentOf(order);
    if (pieces.some((quantity, line) => (unsent[line] ?? 0) < quantity)) return refuse('not_left');
    const all = sum(unsent) === sum(pieces);
    if (all && order.status === 'awaiting_shipment') return this.#cancelPaid(order, restock);
    const verdict = this.#giveBack(order, pieces, { shipping: false, restock });
    if (verdict !== ok) return verdict;
    count(order.cancelled, pieces);
    if (all) this.#allSent(order);
    return ok;
  }

  ship(order: Order, pieces: Pieces, trackingNo: string): Verdict {
    if (!order.card) return refuse('not_found', 404);
    if (!isOpen(order)) return refuse('conflict');
    if (order.status === 'awaiting_shipment' && order.asked === 'open')
      return refuse('cancellation_requested');
    const unsent = unsentOf(order);
    if (pieces.some((quantity, line) => (unsent[line] ?? 0) < quantity)) return refuse('not_left');
    count(order.shipped, pieces);
    order.parcels.push({ trackingNo, arrived: false });
    if (sum(unsent) === sum(pieces)) this.#allSent(order);
    else order.status = 'partially_shipped';
    return ok;
  }

  #allSent(order: Order): void {
    order.status = 'shipped';
    order.due = this.#checkouts.in('transit');
    this.#deliverIfArrived(order);
  }

  arrive(order: Order, parcel: Order['parcels'][number]): void {
    parcel.arrived = true;
    if (order.status === 'shipped') this.#deliverIfArrived(order);
  }

  #deliverIfArrived(order: Order): void {
    if (order.parcels.every(({ arrived }) => arrived)) this.#delivered(order);
  }

  #delivered(order: Order): void {
    order.status = 'delivered';
    order.due = this.#checkouts.in('complete');
  }

  confirm(order: Order): Verdict {
    if (isContested(order)) return refuse('return_open');
    if (order.status !== 'shipped' && order.status !== 'delivered') return refuse('conflict');
    this.#complete(order);
    return ok;
  }

  #complete(order: Order): void {
    order.status = 'completed';
    order.due = this.#checkouts.in('settle');
  }

  #due(kind: Due['kind']): Order[] {
    const { orders, now } = this.#checkouts;
    return orders.filter(({ due }) => due?.kind === kind && due.at <= now);
  }

  /** What happens with orders when nobody does anything. What cannot be paid back waits. */
  passDeadlines(): void {
    const { now } = this.#checkouts;
    for (const order of this.#due('confirm')) {
      order.status = 'awaiting_shipment';
      order.due = this.#checkouts.in('ship');
      order.shipBy = order.due.at;
    }
    for (const order of this.#due('ship'))
      order.due = { kind: 'late', at: order.shipBy + TIMES.late };
    for (const order of [...this.#due('late'), ...this.#due('consent')]) {
      const kind = order.due?.kind ?? 'late';
      if (isDisputed(order)) order.due = { kind, at: now + DAY };
      else if (kind === 'consent') this.answerWish(order, true);
      else this.cancelUnsent(order, unsentOf(order), false);
    }
    for (const order of this.#due('transit')) this.#delivered(order);
    for (const order of this.#due('complete'))
      if (isContested(order)) order.due = { kind: 'complete', at: now + DAY };
      else this.#complete(order);
  }

  /** What is left of the money of completed orders becomes its earners’ own. */
  settle(): void {
    for (const order of this.#due('settle')) {
      if (isContested(order)) continue;
      this.#checkouts.share(order, -1);
      order.settled = true;
      order.due = undefined;
      this.#checkouts.share(order, 1);
    }
  }
}
