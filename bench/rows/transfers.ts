import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { cashOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Person } from '../../tests/support/people.ts';
import { cpuMsBelow } from '../support/processes.ts';
import { figure, inTurns, type Row } from '../support/row.ts';
import { startBaseline, startFunction } from '../support/server.ts';
import { people, useEngines } from '../support/world.ts';

const CLIENTS = 16;
const ROUNDS = 3;
const SECONDS = 3;
const PATH = '/api/wallet/transfer';

interface Order {
  readonly from: Person;
  readonly to: Person;
}

/** A wallet that everybody pays into, or that pays everybody, must not make them queue. */
export const transfers: Row = {
  name: 'transfers',
  about:
    'walletTransfer (double-entry ledger, idempotency key, event and notification, over HTTP) against a debit, a credit and one row in a transaction with retries; 16 clients that all meet at one wallet.',
  run: async (say) => {
    await useEngines();
    const [hot, ...others] = await people();
    if (!hot || others.length < CLIENTS) throw new Error('not enough people');
    await Promise.all([hot, ...others].map(fund));
    const ours = await startFunction('walletTransfer', { path: PATH, status: 405 });
    const plain = await startBaseline('transfer', { path: PATH });
    try {
      say(`  walletTransfer at ${ours.url}, baseline at ${plain.url}`);
      const compare = async (what: string, orders: readonly Order[]) => {
        const run = (one: typeof send, url: string) => () =>
          throughput(orders, (order) => one(url, order));
        const rates = await inTurns(ROUNDS, run(send, ours.url), run(sendPlainly, plain.url));
        const refused = [...rates.ours, ...rates.baseline].reduce(
          (sum, one) => sum + one.refused,
          0,
        );
        if (refused > 0) say(`  ${what}: ${refused} were refused and count as nothing`);
        return [
          figure(what, 'transfers/s', rates, ({ perSecond }) => perSecond),
          figure(`${what}, processor time`, 'ms', rates, ({ cpuMs }) => cpuMs),
        ];
      };
      const clients = others.slice(0, CLIENTS);
      return [
        ...(await compare(
          'many to one',
          clients.map((from) => ({ from, to: hot })),
        )),
        ...(await compare(
          'one to many',
          clients.map((to) => ({ from: hot, to })),
        )),
      ];
    } finally {
      await Promise.all([ours.stop(), plain.stop()]);
    }
  },
};

async function fund({ id }: Person): Promise<void> {
  const user = toId<'user'>(id);
  const amountMinor = 10_000_000;
  const movements = [{ from: 'adjust', to: cashOf(user), amountMinor, currency: 'USD' }] as const;
  const event = { type: 'bench', id: newId() };
  const line = { type: 'adjustment', to: user } as const;
  await transaction(() => post({ event, movements, line }, new Date()));
  const wallets = mongoose.connection.collection('benchwallets');
  await wallets.updateOne({ _id: user }, { $set: { balance: amountMinor } }, { upsert: true });
}

interface Rate {
  readonly perSecond: number;
  readonly refused: number;
  /** Processor time of server, gateway and engine for one transfer. */
  readonly cpuMs: number;
}

/** Every client sends its order again and again; only what was carried out counts. */
async function throughput(
  orders: readonly Order[],
  send: (order: Order) => Promise<Response>,
): Promise<Rate> {
  const began = performance.now();
  const cpuBefore = await cpuMsBelow(process.pid);
  let done = 0;
  let refused = 0;
  await Promise.all(
    orders.map(async (order) => {
      while (performance.now() - began < SECONDS * 1000) {
        const response = await send(order);
        await response.arrayBuffer();
        if (response.status === 201) done += 1;
        else refused += 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = (await cpuMsBelow(process.pid)) - cpuBefore;
  if (done === 0) throw new Error('not one transfer was carried out');
  return { perSecond: done / seconds, refused, cpuMs: cpuMs / done };
}

const send = (url: string, { from, to }: Order): Promise<Response> =>
  fetch(`${url}${PATH}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${from.token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ to: to.id, amount: 1 }),
  });

const sendPlainly = (url: string, { from, to }: Order): Promise<Response> =>
  fetch(`${url}${PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: from.id, to: to.id, amount: 1 }),
  });
