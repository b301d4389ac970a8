/** What buyers give back, and who decides about it. */
import { DAY, type Due } from './cast.ts';
import type { Checkouts } from './checkouts.ts';
import { made, ok, refuse, type Verdict } from './money.ts';
import { isContested, isDisputed, type Order, unrefundedOf } from './orders.ts';

type Status =
  | ('requested' | 'approved' | 'rejected' | 'escalated' | 'awaiting_parcel' | 'in_transit')
  | ('received' | 'resolved' | 'withdrawn' | 'expired');

export interface Return {
  readonly order: Order;
  /** How many, by line. */
  readonly pieces: readonly number[];
  status: Status;
  due: Due | undefined;
  resellable: boolean;
  /** It was settled for a part of the price: these goods stay where they are. */
  partly: boolean;
  /** What the world calls it. */
  id: string;
}

interface Ruling {
  readonly outcome: 'full' | 'partial' | 'none';
  /** What the seller pays for a partial one. */
  readonly amount: number;
  readonly shippingBy: 'buyer' | 'seller';
}

export class Returns {
  readonly all: Return[] = [];
  readonly #checkouts: Checkouts;

  constructor(checkouts: Checkouts) {
    this.#checkouts = checkouts;
  }

  request(order: Order, pieces: readonly number[]): Verdict {
    if (order.status !== 'delivered' || isContested(order)) return refuse('conflict');
    if ((order.due?.at ?? 0) <= this.#checkouts.now) return refuse('return_window_over');
    const kept = this.all.filter((one) => one.order === order && one.partly);
    const left = unrefundedOf(order).map((count, line) =>
      kept.reduce((rest, one) => rest - (one.pieces[line] ?? 0), count),
    );
    if (pieces.some((quantity, line) => quantity > (left[line] ?? 0)))
      return refuse('not_returnable');
    order.returning = true;
    const due = this.#checkouts.in('answer');
    const one = { status: 'requested', resellable: false, partly: false, id: '' } as const;
    this.all.push({ ...one, order, pieces, due });
    return made;
  }

  /** From one of these states to another, where it stays until something is due; or it is over. */
  #go(one: Return, from: readonly Status[], to: Status, due?: Due['kind']): Verdict {
    if (!from.includes(one.status)) return refuse('conflict');
    one.status = to;
    one.due = due && this.#checkouts.in(due);
    one.order.returning = due !== undefined || to === 'escalated';
    return ok;
  }

  approve(one: Return): Verdict {
    if (one.status !== 'received') return this.#go(one, ['requested'], 'approved', 'sendBack');
    return this.#resolve(one, { outcome: 'full', amount: 0, shippingBy: 'buyer' });
  }

  reject(one: Return): Verdict {
    return this.#go(one, ['requested'], 'rejected', 'appeal');
  }

  withdraw(one: Return): Verdict {
    return this.#go(one, ['requested', 'approved'], 'withdrawn');
  }

  sendBack(one: Return): Verdict {
    return this.#go(one, ['approved'], 'awaiting_parcel', 'backInTransit');
  }

  receive(one: Return, resellable: boolean): Verdict {
    const verdict = this.#go(one, ['awaiting_parcel', 'in_transit'], 'received', 'look');
    if (verdict === ok) one.resellable = resellable;
    return verdict;
  }

  /** Who does not object in time has accepted the refusal: nothing is due any more. */
  escalate(one: Return): Verdict {
    if (!one.due) return refuse('conflict');
    return this.#go(one, ['requested', 'rejected', 'received'], 'escalated');
  }

  rule(one: Return, ruling: Ruling): Verdict {
    return one.status === 'escalated' ? this.#resolve(one, ruling) : refuse('conflict');
  }

  #resolve(one: Return, { outcome, amount, shippingBy }: Ruling): Verdict {
    const { order, pieces, resellable: restock } = one;
    const shipping =
      shippingBy === 'seller' && !order.shippingBack && order.price.shipping.paid > 0;
    const verdict =
      outcome === 'none' && !shipping
        ? ok
        : this.#checkouts.refund(order, {
            pieces: pieces.map((quantity) => (outcome === 'full' ? quantity : 0)),
            ...{ shipping, goodwill: outcome === 'partial' ? amount : 0, by: 'seller', restock },
          });
    if (verdict !== ok) return verdict;
    one.partly = outcome === 'partial';
    return this.#go(one, [one.status], 'resolved');
  }

  /** What happens when nobody does anything. What cannot be paid back waits. */
  passDeadlines(): void {
    const { now } = this.#checkouts;
    for (const one of this.all.filter(({ due }) => due && due.at <= now)) {
      const kind = one.due?.kind;
      const pays = kind === 'answer' || kind === 'look';
      if (pays && isDisputed(one.order)) one.due = { kind, at: now + DAY };
      else if (pays) this.approve(one);
      else if (kind === 'sendBack') this.#go(one, ['approved'], 'expired');
      else if (kind === 'appeal') this.#go(one, ['rejected'], 'rejected');
      else if (kind === 'backArrived') this.receive(one, false);
      else this.#go(one, ['awaiting_parcel'], 'in_transit', 'backArrived');
    }
  }
}
