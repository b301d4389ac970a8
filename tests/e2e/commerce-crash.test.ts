import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { days, minutes } from '#platform/clock.ts';
import { type Cloud, startCloud } from '../support/cloud.ts';
import { type MortalHost, startMortalHost } from '../support/mortal-host.ts';
import { startWorld, type World } from '../support/world.ts';
import { finish, letPass } from './market/finish.ts';
import { type Market, openMarket } from './market/market.ts';
import {
  type Cuts,
  countCuts,
  inTheMiddleOf,
  type Moment,
  momentAfter,
  reportOf,
} from './market/moments.ts';
import { provenMarket } from './market/proof.ts';
import { type Actor, any, isDone, toldOf } from './market/wishes.ts';

/** A whole campaign is `CRASHES=200 npm test -- tests/e2e/commerce-crash.test.ts`. */
const CRASHES = Number(process.env['CRASHES'] ?? 20);
/** A host that is not asked for what should be cut dies anyway. */
const MOST_ANSWERS = 12;
/** What passes before the next one takes over: nothing, or more than a lease, or a day. */
const OUTAGES = [[], [minutes(20)], [minutes(20), days(1)], [minutes(20), days(1)]];

let world: World;
let market: Market;
let cloud: Cloud;

beforeAll(async () => {
  world = await startWorld({ background: false });
  cloud = await startCloud(world);
  market = await openMarket(world);
});
afterAll(async () => {
  await cloud.stop();
  await world.stop();
});

/** Everybody at once, until the host is killed in the middle of something. */
async function workUntilKilled(host: MortalHost, moment: Moment): Promise<void> {
  let [answers, alive] = [0, true];
  const few = randomInt(1, 8);
  const [some, many] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const act = async (actor: Actor): Promise<void> => {
    while (alive) {
      if (await actor.next(host)) answers += 1;
      if (answers >= few) some.resolve();
      if (answers >= MOST_ANSWERS) many.resolve();
    }
  };
  const die = async (): Promise<void> => {
    await some.promise;
    await Promise.race([inTheMiddleOf(moment, host), many.promise]);
    alive = false;
    await cloud.kill();
  };
  await Promise.all([die(), ...market.actors.map(act)]);
}

test(`what was bought, given and paid out is so, once, after ${CRASHES} crashes`, {
  timeout: CRASHES * 30_000 + 300_000,
}, async () => {
  const cuts: Cuts = new Map();
  let host = await startMortalHost(world);
  cloud.serveWith(host);
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const killed = workUntilKilled(host, momentAfter(cuts));
    const [next] = await Promise.all([startMortalHost(world), killed]);
    countCuts(cuts, host);
    host = next;
    for (const time of any(OUTAGES)) {
      await letPass(market, host, time);
      // No day passes without this: after one, payments are given up of which nobody has heard.
      await host.control('jobs/reconcilePayments');
    }
    cloud.serveWith(host);
  }
  await finish(market, cloud, host);
  console.log(`${CRASHES} crashes ${reportOf(cuts)}; told: ${toldOf(market.wishes)}`);
  expect(market.wishes.filter(isDone).length).toBeGreaterThan(CRASHES);
  expect(await provenMarket(market, host)).toEqual([]);
});
