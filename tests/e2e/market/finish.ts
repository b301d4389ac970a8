import { minutes } from '#platform/clock.ts';
import type { MortalHost } from '../../support/mortal-host.ts';
import { askFor, isOpen, type Market } from './market.ts';

/** Whatever finishes what the dead have left. */
const JOBS = [
  ...['relayOutbox', 'reconcilePayments', 'releaseReservations', 'orderDeadlines'],
  ...['reconcileRefunds'],
] as const;
const ROUNDS = 4;

/** Lets the last host live: everything open is answered, and everything that was begun ends. */
export async function finish(
  { wishes }: Market,
  host: MortalHost,
  laterSeconds: number,
): Promise<void> {
  await host.control(`clock?advanceSeconds=${laterSeconds}&jobs=stopped`);
  const deadline = Date.now() + minutes(4);
  for (let open = wishes.filter(isOpen); open.length > 0; open = wishes.filter(isOpen)) {
    if (Date.now() > deadline) throw new Error(`${open.length} wishes are never answered`);
    for (const wish of open) await askFor(wish, host.url);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    // Somebody who has gone away for good leaves the rest to the clock.
    await host.control(`clock?advanceSeconds=${laterSeconds}&jobs=stopped`);
    for (const job of JOBS) {
      await host.control(`jobs/${job}`);
      await host.control('settle');
    }
  }
}
