import { deadLetters, replay } from '#domain/system/dead-letters.ts';
import { days, minutes, seconds } from '#platform/clock.ts';
import type { Cloud } from '../../support/cloud.ts';
import type { MortalHost } from '../../support/mortal-host.ts';
import { type Market, renewTokens } from './market.ts';
import { deciding } from './sellers.ts';
import { askFor, isOpen, rows, type Wish } from './wishes.ts';

/** Lets time pass for the world and a host in it; everybody signs in anew. */
export async function letPass(
  market: Market,
  host: MortalHost,
  milliseconds: number,
): Promise<void> {
  // The host first: a job that is called by the clock of the world would run out of time there.
  await host.control(`clock?advanceSeconds=${milliseconds / seconds(1)}&jobs=stopped`);
  market.world.advance(milliseconds);
  await renewTokens(market);
}

/** What has not come to its end, as collection and filter. */
const UNDERWAY: readonly (readonly [string, object])[] = [
  ['orders', { status: { $nin: ['completed', 'cancelled'] } }],
  ['orders', { status: 'completed', 'settlement.settledAt': { $exists: false } }],
  ['payments', { open: true }],
  ['refunds', { status: { $nin: ['succeeded', 'returned', 'cancelled'] } }],
  ['returnrequests', { open: true }],
  ['payouts', { open: true }],
  ['livestreams', { open: true }],
  ['outboxevents', { status: 'pending' }],
  ['outboxevents', { dead: true }],
];

export async function underway(): Promise<string[]> {
  const found = await Promise.all(UNDERWAY.map(([name, filter]) => rows(name, filter)));
  return found.flatMap((left, index) =>
    left.map(({ _id, status }) => `${UNDERWAY[index]?.[0]} ${String(_id)} is ${String(status)}`),
  );
}

/** More than the longest way there is, a step a day. */
const MOST_STEPS = 20;

/** Lets the last host live: everything open is answered, and everything that was begun ends. */
export async function finish(market: Market, cloud: Cloud, host: MortalHost): Promise<void> {
  await letPass(market, host, minutes(20));
  await answer(market.wishes, host);
  for (let step = 0; step < MOST_STEPS && (await underway()).length > 0; step += 1) {
    await letPass(market, host, days(1) + minutes(1));
    await replayDeadLetters(market);
    await cloud.runDueJobs();
    for (let payout = await next(market); payout; payout = await next(market))
      await answer([payout], host);
    await cloud.settle();
  }
}

/** As an operator would: what was cut each time it was tried is not at fault, and is tried once more. */
async function replayDeadLetters({ world }: Market): Promise<void> {
  const { items } = await deadLetters({ page: 1, limit: 20 });
  for (const { _id } of items) await replay(_id, world.now());
}

const next = ({ staff }: Market): Promise<Wish | undefined> => deciding(staff, 'approve');

async function answer(wishes: readonly Wish[], host: MortalHost): Promise<void> {
  const deadline = Date.now() + minutes(4);
  for (let open = wishes.filter(isOpen); open.length > 0; open = wishes.filter(isOpen)) {
    if (Date.now() > deadline) throw new Error(`${open.length} wishes are never answered`);
    for (const one of open) await askFor(one, host.url);
  }
}
