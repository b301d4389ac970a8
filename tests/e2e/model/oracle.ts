/**
 * What must come of everything, by the rules of the business and nothing else: sums in a map, orders
 * in a list, a clock in minutes. It shares no code with the product. Each deed says how it must be
 * answered.
 */
import { Checkouts } from './checkouts.ts';
import { Fulfilment } from './fulfilment.ts';
import { Money } from './money.ts';
import { Returns } from './returns.ts';

export class Oracle {
  readonly money = new Money();
  readonly checkouts = new Checkouts(this.money);
  readonly fulfilment = new Fulfilment(this.checkouts);
  readonly returns = new Returns(this.checkouts);

  pass(minutes: number, jobs: boolean): void {
    this.checkouts.now += minutes;
    if (!jobs) return;
    this.checkouts.releaseUnpaid();
    this.fulfilment.passDeadlines();
    this.returns.passDeadlines();
    this.fulfilment.settle();
  }
}

/** In the order of what the oracle does. */
export const JOBS = [
  ...(['releaseReservations', 'orderDeadlines', 'returnDeadlines', 'maturePayouts'] as const),
  ...(['reconcilePayments', 'reconcileRefunds', 'reconcilePayouts'] as const),
];
