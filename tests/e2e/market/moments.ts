/** When the host dies: in the middle of what, and what it left undone. */
import { randomInt } from 'node:crypto';
import type { MortalHost } from '../../support/mortal-host.ts';
import { any } from './wishes.ts';

/** What is to be cut in the middle, by what the host is asked for. */
const MOMENTS = {
  checkout: /cart\/checkout$/,
  'payment callback': /payments\/webhooks|applyPayment$|fulfilOrder$/,
  gift: /\/gifts?$|giftEffects$/,
  payout: /seller\/payouts|withdrawals|admin\/payouts|(?:execute|apply|reconcile)Payouts?$/,
  refund: /\/refund$|(?:execute|apply)Refund$|reconcileRefunds$/,
  return: /\/returns/,
  settlement: /settleOrder$|maturePayouts$/,
} as const;
export type Moment = keyof typeof MOMENTS;
const NAMES = Object.keys(MOMENTS) as Moment[];

/** Some work takes milliseconds, some a second. */
const PAUSES_MS = [4, 15, 50, 150, 500];

/** Resolves at a random point in the middle of work of this kind. */
export function inTheMiddleOf(moment: Moment, host: MortalHost): Promise<void> {
  return new Promise((resolve) => {
    host.onBegin((number, path) => {
      if (!MOMENTS[moment].test(nameOf(path))) return;
      const pause = randomInt(any(PAUSES_MS));
      setTimeout(() => host.underway.has(number) && resolve(), pause);
    });
  });
}

/** What was asked for, without what differs from one time to the next. */
const nameOf = (path: string): string =>
  path
    .replace(/^POST \/functions\//, '')
    .replace(/\?.*/, '')
    .replaceAll(/[0-9a-f]{24}/g, ':id');

/** How often each thing was cut, by its name. */
export type Cuts = Map<string, number>;

/** Counts what a dead host has left in the middle. */
export function countCuts(cuts: Cuts, { underway }: MortalHost): void {
  for (const path of underway.values())
    if (!path.includes('/_local/')) cuts.set(nameOf(path), (cuts.get(nameOf(path)) ?? 0) + 1);
}

const cutAt = (cuts: Cuts, moment: Moment): number =>
  [...cuts].reduce((all, [name, count]) => (MOMENTS[moment].test(name) ? all + count : all), 0);

/** What is to be cut next: every second time what was cut least so far. */
export const momentAfter = (cuts: Cuts): Moment =>
  any([
    any(NAMES),
    NAMES.reduce((rarest, moment) => (cutAt(cuts, moment) < cutAt(cuts, rarest) ? moment : rarest)),
  ]);

/** What was cut, in one line. */
export function reportOf(cuts: Cuts): string {
  const moments = NAMES.map((moment) => `${moment} ${cutAt(cuts, moment)}`);
  const all = [...cuts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  return `cut: ${moments.join(', ')}; that is: ${all.join(', ')}`;
}
