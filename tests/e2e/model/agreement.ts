/** Compares the world with the oracle. */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { after, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { PEOPLE } from './cast.ts';
import { isDisputed } from './orders.ts';
import { sum } from './prices.ts';
import type { Stage } from './stage.ts';

/** What the ledger adds up to, by accounts with the names of their owners; empty ones left out. */
async function booksOf({ cast }: Stage): Promise<Record<string, number>> {
  const minor = { $sum: { $subtract: ['$credit', '$debit'] } };
  const sums = raw('ledgerentries').aggregate<{ readonly _id: string; readonly minor: number }>([
    // Where coins and diamonds come from and go to does not matter.
    { $match: { $or: [{ currency: 'USD' }, { account: /^(?:coin|dia):/ }] } },
    { $group: { _id: '$account', minor } },
    { $match: { minor: { $ne: 0 } } },
  ]);
  const named = (account: string): string => {
    const name = PEOPLE.find((who) => account.includes(cast.people[who].id)) ?? 'somebody';
    const shop = cast.shops.findIndex(({ id }) => account.includes(id));
    return account.replace(/[0-9a-f]{24}/, shop < 0 ? name : String(shop));
  };
  return Object.fromEntries((await sums.toArray()).map((one) => [named(one._id), one.minor]));
}

/** The rows of these, in their order. */
async function rowsOf(collection: string, all: readonly { readonly id: string }[]) {
  const _id = { $in: all.map(({ id }) => toId(id)) };
  const rows = await raw(collection).find({ _id }).toArray();
  return all.map(({ id }) => rows.find((row) => String(row._id) === id));
}

/** What the world has come to. */
async function seen(stage: Stage) {
  const { money, checkouts, returns } = stage.oracle;
  const variants = stage.cast.products.map((product) => ({ id: product.variants[0] ?? '' }));
  const orders = await rowsOf('orders', checkouts.orders);
  const coupons = await raw('coupons').find().sort({ _id: 1 }).toArray();
  return {
    books: await booksOf(stage),
    stock: (await rowsOf('productvariants', variants)).map((row) => row?.['available']),
    orders: orders.map((row, at) => ({
      status: row?.['status'],
      lines: checkouts.orders[at]?.lineIds.map((id) => {
        const line = row?.['lines'].find((one: { id: unknown }) => String(one.id) === id);
        return [line?.shippedQuantity, line?.cancelledQuantity, line?.refundedQuantity];
      }),
      back: sum(Object.values<number>(row?.['refunded'] ?? {})),
      disputed: row?.['disputed'] === true,
    })),
    returns: (await rowsOf('returnrequests', returns.all)).map((row) => row?.['status']),
    payouts: (await rowsOf('payouts', money.payouts)).map((row) => row?.['status']),
    coupons: coupons.map((row) => [row['code'], row['usesLeft'], row['minorLeft']]),
  };
}

/** What it must have come to. */
const expected = ({ oracle: { money, checkouts, returns } }: Stage) => ({
  books: Object.fromEntries([...money.balances].filter(([, minor]) => minor !== 0)),
  stock: checkouts.stock,
  orders: checkouts.orders.map((order) => ({
    status: order.status,
    lines: order.shipped.map((count, at) => [count, order.cancelled[at], order.refunded[at]]),
    back: order.back,
    disputed: isDisputed(order),
  })),
  returns: returns.all.map(({ status }) => status),
  payouts: money.payouts.map(({ back }) => (back ? 'returned' : 'paid')),
  coupons: checkouts.coupons.map(({ code, uses, budget }) => [code, uses, budget]),
});

/** For the provider’s notices, on a machine that has much else to do. */
const PATIENCE_MS = 120_000;

/** Delivers what happens, the provider’s notices too, until the world is as it must be. */
export async function agree(stage: Stage, again?: () => Promise<unknown>): Promise<void> {
  const wanted = expected(stage);
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    await stage.deliver();
    const found = await seen(stage);
    if (isDeepStrictEqual(found, wanted)) return;
    if (Date.now() > until) expect(found).toEqual(wanted);
    await pause(50);
    await again?.();
  }
}

/** The end of a story: people see what they have, every proof holds, and nothing is underway. */
export async function agreeInTheEnd(stage: Stage): Promise<void> {
  const { cast, oracle } = stage;
  await agree(stage);
  for (const name of PEOPLE) {
    const { body } = await cast.people[name].get('/api/wallet/balance');
    const { money } = oracle;
    expect([name, body['balance'], body['coins'], body['diamonds'], body['held']]).toEqual([
      ...[name, money.of(`cash:${name}`), money.of(`coin:${name}`), money.of(`dia:${name}`), 0],
    ]);
  }
  const now = cast.world.now();
  const proof = await audit(now, after(now, minutes(2)));
  expect(proof).toMatchObject({ differences: [], balanced: true, complete: true });
}
