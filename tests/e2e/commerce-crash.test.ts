import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { after, minutes } from '#platform/clock.ts';
import { type MortalHost, startMortalHost, startSpareHost } from '../support/mortal-host.ts';
import { startWorld, type World } from '../support/world.ts';
import { finish } from './market/finish.ts';
import { type Actor, type Market, openMarket } from './market/market.ts';
import { provenMarket } from './market/proof.ts';

/** A whole campaign is `CRASHES=200 npm test -- tests/e2e/commerce-crash.test.ts`. */
const CRASHES = Number(process.env['CRASHES'] ?? 20);
/** Past every lease of what has died. */
const LATER_SECONDS = 20 * 60;

let world: World;
let market: Market;
let working: MortalHost | undefined;

beforeAll(async () => {
  world = await startWorld({ background: false });
  market = await openMarket(world);
});
afterAll(async () => {
  await working?.kill();
  await world.stop();
});

/** Everybody at once, until a number of answers has come; then the host is killed in the middle. */
async function workUntilKilled(host: MortalHost): Promise<void> {
  let left = randomInt(1, 8);
  let alive = true;
  const act = async (actor: Actor): Promise<void> => {
    while (alive) {
      if (await actor.next(host)) left -= 1;
      if (left > 0 || !alive) continue;
      alive = false;
      await host.kill();
    }
  };
  await Promise.all(market.actors.map(act));
}

test(`what was bought, given and paid out is so, once, after ${CRASHES} crashes`, {
  timeout: CRASHES * 30_000 + 300_000,
}, async () => {
  let host = await startMortalHost(world);
  working = host;
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const [next] = await Promise.all([startSpareHost(world), workUntilKilled(host)]);
    host = next;
    working = host;
    await host.takeOver();
  }

  await finish(market, host, LATER_SECONDS);

  const bought = market.wishes.filter(
    ({ kind, answer }) => kind === 'buy' && answer?.status === 201,
  );
  expect(bought.length).toBeGreaterThan(CRASHES / 2);
  expect(await provenMarket(market)).toEqual([]);
  const later = after(new Date(), LATER_SECONDS * 1000);
  const { differences, complete } = await audit(later, after(later, minutes(5)));
  expect([differences, complete]).toEqual([[], true]);
});
