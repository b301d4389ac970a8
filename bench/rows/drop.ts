import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { newId } from '#platform/id.ts';
import { HOME } from '../../tests/support/orders.ts';
import {
  type Buyer,
  CHECKOUT,
  checkOut,
  fillCart,
  indexed,
  openMarket,
  PRICE_MINOR,
  setStock,
  stockOf,
} from '../support/market.ts';
import { cpuMsBelow } from '../support/processes.ts';
import { figure, inTurns, type Row } from '../support/row.ts';
import { startBaseline, startFunction } from '../support/server.ts';

const BUYERS = 100;
const PIECES = 60;
const ROUNDS = 2;
/** What the baseline has not sold by then counts as not sold. */
const WITHIN_SECONDS = 10;
/** Ours must sell all there is; this is for a machine that is busy with something else. */
const PATIENCE_SECONDS = 120;

const BASELINES = [
  ['minimal', 'against the least there is'],
  ['whole', 'against the same work'],
] as const;

/** A hundred people who want the same thing in the same second: nobody may wait for the others. */
export const drop: Row = {
  name: 'drop',
  about: `cartCheckout (session, idempotency key, quote, stock, order, payment from the wallet, double-entry ledger, fulfilment and events, over HTTP) by ${BUYERS} buyers at once who want the same variant, of which there are ${PIECES}, against a straightforward transaction with retries that decrements the stock: once with nothing but that, the debit and one row, once with the same work as ours. Both must sell no piece twice and none too many, which is checked after each round; what the baseline has not sold within ${WITHIN_SECONDS} s counts as not sold. On this engine a hundred transactions that contend for one document hardly get anywhere, so a large ratio says that ours do not contend, and not that they are so much faster.`,
  run: async (say) => {
    const { buyers, products } = await openMarket({ buyers: BUYERS, products: 1 });
    const [product] = products;
    if (!product) throw new Error('nothing is sold');
    await prepare(buyers);
    const ours = await startFunction('cartCheckout', { path: CHECKOUT, status: 405 });
    const sell = async () => {
      for (const buyer of buyers) await fillCart(buyer, products);
      await setStock(product, PIECES);
      const round = await rush(buyers, PATIENCE_SECONDS, (buyer, end) =>
        checkOut(ours.url, buyer, end),
      );
      expectAllSold(round, await stockOf(product));
      return round;
    };
    // A baseline of its own for each round: its losers go on to retry for two minutes.
    const sellPlainly = (work: string) => async () => {
      for (const buyer of buyers) await fillCart(buyer, products);
      const stocks = mongoose.connection.collection('benchstocks');
      const stock = newId();
      await stocks.insertOne({ _id: stock, left: PIECES, price: PRICE_MINOR });
      const env = { BENCH_DROP: work };
      const { url, stop } = await startBaseline('drop', { path: CHECKOUT, env });
      const order = { stock, price: PRICE_MINOR, address: HOME };
      const round = await rush(buyers, WITHIN_SECONDS, (buyer, end) =>
        orderPlainly(url, buyer, order, end),
      ).finally(stop);
      const left = Number((await stocks.findOne({ _id: stock }))?.['left']);
      const rows = await mongoose.connection.collection('benchorders').countDocuments({ stock });
      if (left < 0 || rows !== PIECES - left) throw new Error(`${rows} sold, ${left} left`);
      return round;
    };
    try {
      await sell();
      const figures = [];
      for (const [work, what] of BASELINES) {
        const rounds = await inTurns(ROUNDS, sell, sellPlainly(work));
        const shown = (all: readonly Round[]) =>
          all.map(({ sold, seconds }) => `${sold} in ${seconds.toFixed(1)} s`).join(', ');
        say(`  ${what}: ours sold ${shown(rounds.ours)}; baseline ${shown(rounds.baseline)}`);
        figures.push(
          figure(what, 'orders/s', rounds, ({ perSecond }) => perSecond, { atLeast: 5 }),
          figure(`${what}, processor time`, 'ms', rounds, ({ cpuMs }) => cpuMs),
        );
      }
      return figures;
    } finally {
      await ours.stop();
    }
  },
};

/** The baseline's wallets and indexes. */
async function prepare(buyers: readonly Buyer[]): Promise<void> {
  await mongoose.connection
    .collection('benchcashes')
    .insertMany(buyers.map(({ user }) => ({ _id: user, balance: 100_000_000 })));
  await indexed('benchorders', { buyer: 1, createdAt: -1, _id: -1 });
  await indexed('benchorders', { stock: 1 });
  await indexed('benchpayments', { order: 1 });
  await indexed('benchreservations', { order: 1, stock: 1 }, true);
  await indexed('benchtallies', { stock: 1, _id: 1 });
  await indexed('benchkeys', { scope: 1, key: 1 }, true);
  await indexed('benchentries', { journal: 1, seq: 1 }, true);
  await indexed('benchentries', { account: 1, createdAt: -1, _id: -1 });
  await indexed('benchlines', { user: 1, createdAt: -1, _id: -1 });
  await indexed('benchevents', { status: 1, createdAt: 1, _id: 1 });
}

interface Round {
  readonly sold: number;
  /** How many were answered what. */
  readonly answers: Readonly<Record<string, number>>;
  /** Until everybody had an answer, or time was up. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Processor time of server, gateway and engine for one that was sold. */
  readonly cpuMs: number;
}

type Send = (buyer: Buyer, end: AbortSignal) => Promise<Response>;

/** Everybody orders once, at the same moment. */
async function rush(buyers: readonly Buyer[], within: number, send: Send): Promise<Round> {
  const end = AbortSignal.timeout(within * 1000);
  const cpuBefore = await cpuMsBelow(process.pid);
  const began = performance.now();
  const answers: Record<string, number> = {};
  const order = async (buyer: Buyer): Promise<void> => {
    const response = await send(buyer, end);
    const { code } = (await response.json()) as { readonly code?: string };
    const answer = code ?? String(response.status);
    answers[answer] = (answers[answer] ?? 0) + 1;
  };
  await Promise.all(
    buyers.map((buyer) =>
      order(buyer).catch((reason: unknown) => {
        if (!end.aborted) throw reason;
      }),
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = (await cpuMsBelow(process.pid)) - cpuBefore;
  // Of none at all one cannot make a ratio.
  const sold = answers['201'] ?? 0;
  const some = Math.max(1, sold);
  return { sold, answers, seconds, perSecond: some / seconds, cpuMs: cpuMs / some };
}

function expectAllSold({ sold, answers }: Round, stock: Awaited<ReturnType<typeof stockOf>>): void {
  if (sold !== PIECES || stock.left !== 0 || stock.claims !== 0)
    throw new Error(`${PIECES} pieces: ${JSON.stringify({ ...stock, answers })}`);
}

const orderPlainly = (
  url: string,
  { person }: Buyer,
  order: object,
  signal: AbortSignal,
): Promise<Response> =>
  fetch(`${url}${CHECKOUT}`, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${person.token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ buyer: person.id, ...order }),
  });
