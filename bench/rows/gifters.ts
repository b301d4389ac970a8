import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import mongoose from 'mongoose';
import { COIN, coinsOf } from '#domain/wallet/accounts.ts';
import { post as book } from '#domain/wallet/ledger.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Person } from '../../tests/support/people.ts';
import { cpuMsBelow } from '../support/processes.ts';
import { figure, inTurns, median, type Row } from '../support/row.ts';
import { startBaseline, startFunction } from '../support/server.ts';
import { people, useEngines } from '../support/world.ts';

const GIFTERS = 100;
const ROUNDS = 2;
const WARM_UP_SECONDS = 2;
const SECONDS = 8;
const PATH = '/api/wallet/gifts';

const BASELINES = [
  ['minimal', 'against the least there is'],
  ['whole', 'against the same work'],
] as const;

/** A hundred people who give to one: nobody may wait for the others. */
export const gifters: Row = {
  name: 'gifters',
  about:
    'walletGift (account and session read, idempotency key, double-entry ledger, statement lines, gift, event, over HTTP) from 100 people to one at once, against a straightforward transaction with retries that credits the receiver’s document: once with nothing but a debit, the credit and one row, once with the same work as ours.',
  run: async (say) => {
    await useEngines();
    const [star, ...fans] = (await people(GIFTERS + 1)).slice(0, GIFTERS + 1);
    if (!star || fans.length < GIFTERS) throw new Error('not enough people');
    await prepare();
    const purses = mongoose.connection.collection('benchpurses');
    for (const { id } of [star, ...fans]) {
      await fund(id);
      await purses.insertOne({ _id: toId(id), coins: 1_000_000, diamonds: 0 });
    }
    const ours = await startFunction('walletGift', { path: PATH, status: 405 });
    const gift = { giftId: 'rose', userId: star.id };
    const give = () => throughput(fans, (fan, end) => post(ours.url, fan, gift, end));
    // A baseline of its own for each round: its losers go on to retry for two minutes.
    const givePlainly = (work: string) => async () => {
      const env = { BENCH_GIFT: work };
      const { url, stop } = await startBaseline('gift', { path: PATH, env });
      try {
        return await throughput(fans, (fan, end) =>
          post(url, fan, { sender: fan.id, receiver: star.id }, end),
        );
      } finally {
        await stop();
      }
    };
    try {
      const figures = [];
      for (const [work, what] of BASELINES) {
        const rates = await inTurns(ROUNDS, give, givePlainly(work));
        const shown = (all: readonly Rate[]) =>
          all
            .map(({ perSecond, refused }) => `${perSecond.toFixed(1)}/s (${refused} refused)`)
            .join(', ');
        say(`  ${what}: ours ${shown(rates.ours)}; baseline ${shown(rates.baseline)}`);
        figures.push(
          figure(what, 'gifts/s', rates, ({ perSecond }) => perSecond, { atLeast: 5 }),
          figure(`${what}, half of them within`, 'ms', rates, ({ halfWithinMs }) => halfWithinMs),
          figure(`${what}, processor time`, 'ms', rates, ({ cpuMs }) => cpuMs),
        );
      }
      return figures;
    } finally {
      await ours.stop();
    }
  },
};

/** The baseline's collections, with the indexes that ours have. */
async function prepare(): Promise<void> {
  const index = (name: string, keys: Record<string, 1 | -1>, unique = false) =>
    mongoose.connection.collection(name).createIndex(keys, { unique });
  await index('benchpurses', { coins: 1 });
  await index('benchgifts', { sender: 1, createdAt: -1, _id: -1 });
  await index('benchkeys', { scope: 1, key: 1 }, true);
  await index('benchentries', { journal: 1, seq: 1 }, true);
  await index('benchentries', { account: 1, createdAt: -1, _id: -1 });
  await index('benchlines', { user: 1, createdAt: -1, _id: -1 });
  await index('benchevents', { status: 1, createdAt: 1, _id: 1 });
}

async function fund(id: string): Promise<void> {
  const user = toId<'user'>(id);
  const movement = { to: coinsOf(user), amountMinor: 1_000_000, currency: COIN };
  const movements = [{ from: 'coin_issue' as const, ...movement }];
  const event = { type: 'bench', id: newId() };
  await transaction(() =>
    book({ event, movements, line: { type: 'coins', to: user } }, new Date()),
  );
}

interface Rate {
  readonly perSecond: number;
  readonly refused: number;
  readonly halfWithinMs: number;
  /** Processor time of server, gateway and engine for one gift. */
  readonly cpuMs: number;
}

type Send = (fan: Person, end: AbortSignal) => Promise<Response>;

/** Everybody gives again and again; what was carried out counts, once the servers are warm and until time is up. */
async function throughput(fans: readonly Person[], send: Send): Promise<Rate> {
  const end = AbortSignal.timeout((WARM_UP_SECONDS + SECONDS) * 1000);
  let cpuBefore = 0;
  let took: number[] = [];
  let refused = 0;
  const warm = setTimeout(WARM_UP_SECONDS * 1000).then(async () => {
    took = [];
    refused = 0;
    cpuBefore = await cpuMsBelow(process.pid);
  });
  const giveOn = async (fan: Person): Promise<void> => {
    while (!end.aborted) {
      const sent = performance.now();
      const response = await send(fan, end);
      await response.arrayBuffer();
      if (response.status === 201) took.push(performance.now() - sent);
      else refused += 1;
    }
  };
  await Promise.all([warm, ...fans.map((fan) => giveOn(fan).catch(ifNotOver(end)))]);
  const cpuMs = (await cpuMsBelow(process.pid)) - cpuBefore;
  return {
    // Of none at all one cannot make a ratio.
    perSecond: Math.max(1, took.length) / SECONDS,
    refused,
    halfWithinMs: took.length > 0 ? median(took) : SECONDS * 1000,
    cpuMs: cpuMs / Math.max(1, took.length),
  };
}

const ifNotOver = (end: AbortSignal) => (reason: unknown) => {
  if (!end.aborted) throw reason;
};

const post = (url: string, fan: Person, body: object, signal: AbortSignal): Promise<Response> =>
  fetch(`${url}${PATH}`, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${fan.token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
