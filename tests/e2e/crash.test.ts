import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { after, minutes } from '#platform/clock.ts';
import { giveCash } from '../functions/wallet/money.ts';
import { type Answer, callerOf } from '../support/caller.ts';
import { type Cloud, startCloud } from '../support/cloud.ts';
import { type MortalHost, startMortalHost } from '../support/mortal-host.ts';
import type { Person } from '../support/people.ts';
import { until } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

const CRASHES = 15;
const PEOPLE = 16;
const AT_ONCE = 8;
const START_MINOR = 10_000;
/** Past the lease of a request that died, and past the time that payments are left alone. */
const LATER_SECONDS = 20 * 60;

/** Something that somebody wants done once, and what they were told about it. */
interface Wish {
  readonly kind: 'transfer' | 'topup';
  readonly from: Person;
  readonly to: Person;
  readonly amount: number;
  readonly key: string;
  answer?: Answer;
}

let world: World;
let people: readonly Person[];
let cloud: Cloud;

beforeAll(async () => {
  world = await startWorld({ background: false });
  cloud = await startCloud(world);
  people = await Promise.all(Array.from({ length: PEOPLE }, () => world.person('payer')));
  for (const { id } of people) await giveCash(id, START_MINOR);
});
afterAll(async () => {
  await cloud.stop();
  await world.stop();
});

async function nextHost(): Promise<MortalHost> {
  const host = await startMortalHost(world);
  cloud.serveWith(host);
  return host;
}

const anybody = (): Person => people[randomInt(PEOPLE)] as Person;

function newWish(): Wish {
  const from = anybody();
  const others = people.filter((person) => person !== from);
  const to = others[randomInt(others.length)] as Person;
  const kind = randomInt(4) === 0 ? 'topup' : 'transfer';
  return { kind, from, to, amount: randomInt(1, 500), key: randomUUID() };
}

/** Asks once; no answer leaves the wish open. */
async function ask(url: string, wish: Wish): Promise<void> {
  const { kind, from, to, amount, key } = wish;
  const caller = callerOf(url, () => from.token);
  const answered = await (kind === 'topup'
    ? caller.post('/api/wallet/topup', { amount, paymentMethod: 'pm_card_visa' }, { key })
    : caller.post('/api/wallet/transfer', { to: to.id, amount }, { key })
  ).catch((error: unknown) => {
    if (error instanceof TypeError) return undefined; // the connection was cut
    throw error;
  });
  if (answered && !TRY_AGAIN.has(answered.status)) wish.answer = answered;
}

/** The host said that it does not know yet. */
const TRY_AGAIN = new Set([409, 503]);

/** Many clients at once, until a number of answers has come; then the host is killed in the middle. */
async function workUntilKilled(mortal: MortalHost, wishes: Wish[]): Promise<void> {
  const unanswered = wishes.filter(({ answer }) => !answer);
  let left = randomInt(2, 10);
  let alive = true;
  const client = async (): Promise<void> => {
    while (alive) {
      const wish = unanswered.pop() ?? newWish();
      if (!wishes.includes(wish)) wishes.push(wish);
      await ask(mortal.url, wish);
      left -= 1;
      if (left > 0 || !alive) continue;
      alive = false;
      await cloud.kill();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

/** Asks everything that is still open until it is answered. */
async function finish(mortal: MortalHost, wishes: readonly Wish[]): Promise<void> {
  const deadline = Date.now() + minutes(2);
  for (;;) {
    const open = wishes.filter(({ answer }) => !answer);
    if (open.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${open.length} wishes are never answered`);
    for (const wish of open) await ask(mortal.url, wish);
  }
}

type Cash = ReadonlyMap<string, number>;

const balances = async (): Promise<Cash> =>
  new Map(
    await Promise.all(
      people.map(async (person): Promise<[string, number]> => {
        const { body } = await person.get('/api/wallet/balance');
        return [person.id, Number(body['balance'])];
      }),
    ),
  );

/** What everybody must have, by what they were told. */
function promised(wishes: readonly Wish[]): Cash {
  const cash = new Map(people.map(({ id }) => [id, START_MINOR]));
  const add = ({ id }: Person, amount: number) => cash.set(id, (cash.get(id) ?? 0) + amount);
  for (const { kind, from, to, amount, answer } of wishes) {
    if (answer?.status !== 201) continue;
    if (kind === 'transfer') add(from, -amount);
    add(kind === 'transfer' ? to : from, amount);
  }
  return cash;
}

const count = (collection: string, filter: object): Promise<number> =>
  mongoose.connection.collection(collection).countDocuments({ ...filter });

test(`what was promised is so, once, after ${CRASHES} crashes in the middle of work`, {
  timeout: 600_000,
}, async () => {
  const wishes: Wish[] = [];

  for (let crash = 0; crash < CRASHES; crash += 1) {
    await workUntilKilled(await nextHost(), wishes);
  }
  const host = await nextHost();
  await host.control(`clock?advanceSeconds=${LATER_SECONDS}&jobs=stopped`);
  await finish(host, wishes);
  await host.control('jobs/relayOutbox');
  await cloud.settle();
  await host.control('jobs/reconcilePayments');
  await cloud.settle();

  const statuses = new Set(wishes.map(({ answer }) => answer?.status));
  expect([...statuses].filter((status) => status !== 201 && status !== 402)).toEqual([]);
  const repeated = wishes.filter(({ answer }) => answer?.status === 201).slice(0, 30);
  for (const wish of repeated) {
    const first = JSON.stringify(wish.answer?.body);
    await ask(host.url, wish);
    expect(JSON.stringify(wish.answer?.body)).toBe(first);
  }
  // The provider tells of the last top-ups when it likes.
  const promise = promised(wishes);
  expect(await until(balances, (now) => isDeepStrictEqual(now, promise))).toEqual(promise);
  const later = after(new Date(), LATER_SECONDS * 1000);
  const { differences, complete } = await audit(later, after(later, minutes(5)));
  expect([differences, complete]).toEqual([[], true]);
  expect(await count('idempotencykeys', { status: 'running' })).toBe(0);
  // A last notice of the provider may have come just now; what it says has to leave too.
  const pending = async (): Promise<number> => {
    await cloud.settle();
    return count('outboxevents', { status: 'pending' });
  };
  expect(await until(pending, (left) => left === 0)).toBe(0);
  expect(await count('outboxevents', { dead: true })).toBe(0);
});
