/** Everything that nobody asks for: scheduled jobs, carriers, and banks that send money back. */
import { randomInt } from 'node:crypto';
import type { World } from '../../support/world.ts';
import { type Actor, any, idle, oneOf } from './wishes.ts';

const JOBS = [
  ...['orderDeadlines', 'returnDeadlines', 'releaseReservations', 'maturePayouts', 'relayOutbox'],
  ...['reconcilePayments', 'reconcileRefunds', 'reconcilePayouts'],
];

/** The world around the market, faster than life. */
export const clockwork = (world: World): Actor => ({
  next: async ({ control }) => {
    const dice = randomInt(10);
    const deed =
      dice < 4 ? control(`jobs/${any(JOBS)}`) : dice < 9 ? arrive(control) : giveBack(world);
    // What the dead did not hear they are told again, by the next job or by nobody.
    await deed.catch(() => undefined);
    return idle();
  },
});

/** A parcel arrives, there or back. */
async function arrive(control: (what: string, body: object) => Promise<void>): Promise<void> {
  const parcel = await oneOf('shipments', { status: { $ne: 'delivered' } });
  if (!parcel) return;
  const { carrier, trackingNo } = parcel;
  const status = any(['in_transit', 'delivered', 'delivered']);
  await control(`carriers/${String(carrier)}`, { trackingNo, status });
}

/** A bank gives back what was paid out. */
async function giveBack(world: World): Promise<void> {
  const payout = await oneOf('payouts', { status: 'paid' });
  if (payout) await world.payments('POST', `payouts/${String(payout['providerRef'])}/return`, {});
}
