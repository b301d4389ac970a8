import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startStripe } from '#local/stripe/engine.ts';
import { ProviderRefused, ProviderUnavailable } from '#platform/payments.ts';
import { createPayout, findPayout, retrievePayout } from '#platform/payouts.ts';
import { aPlace, completeEnvironment, until } from '../support/place.ts';

let place: ReturnType<typeof aPlace>;
let engine: Engine;

beforeAll(async () => {
  place = aPlace('http://127.0.0.1:9');
  engine = await startStripe(place);
  Object.assign(process.env, completeEnvironment, engine.env);
});
beforeEach(() => local('balance', { amount: 5000, currency: 'eur' }));
afterEach(() => local('outage', { mode: 'none' }));
afterAll(async () => {
  await engine.stop();
  place.remove();
});

const local = async (path: string, body: object) => {
  await fetch(`${engine.address}/_local/${path}`, { method: 'POST', body: JSON.stringify(body) });
};

let count = 0;
const order = (destination = 'ba_ok') => {
  count += 1;
  const payoutId = `payout-${count}`;
  return { payoutId, key: payoutId, amountMinor: 1000, currency: 'EUR', destination };
};
const becomes = (ref: string, status: string) =>
  until(async () => ((await retrievePayout(ref)).status === status ? true : undefined));

describe('createPayout', () => {
  test('is pending first, and paid when the provider says so', async () => {
    const wish = order();
    const payout = await createPayout(wish);

    expect(payout).toEqual({
      ...{ payoutRef: expect.stringMatching(/^po_/), payoutId: wish.payoutId },
      ...{ status: 'pending', amountMinor: 1000, currency: 'EUR' },
    });
    await becomes(payout.payoutRef, 'paid');
  });

  test('tells why the bank did not take it, also after it had', async () => {
    const closed = await createPayout(order('ba_account_closed'));
    const paid = await createPayout(order());
    await becomes(closed.payoutRef, 'failed');
    await becomes(paid.payoutRef, 'paid');
    await local(`payouts/${paid.payoutRef}/return`, { code: 'no_account' });

    expect((await retrievePayout(closed.payoutRef)).failureCode).toBe('account_closed');
    expect(await retrievePayout(paid.payoutRef)).toMatchObject({
      ...{ status: 'failed', failureCode: 'no_account' },
    });
  });

  test('pays once for each key, however often it is asked', async () => {
    const same = order();
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => createPayout(same)));

    expect(new Set(all.map(({ payoutRef }) => payoutRef)).size).toBe(1);
  });

  test('refuses more than there is, and says when nobody answered', async () => {
    const much = createPayout({ ...order(), amountMinor: 9_000_000 });
    await expect(much).rejects.toThrow(new ProviderRefused('balance_insufficient'));
    await local('outage', { mode: 'before' });
    await expect(createPayout(order())).rejects.toBeInstanceOf(ProviderUnavailable);
  });
});

describe('findPayout', () => {
  test('finds what was made though the answer was lost', async () => {
    const wish = order('ba_find');
    await local('outage', { mode: 'after' });
    await expect(createPayout(wish)).rejects.toBeInstanceOf(ProviderUnavailable);
    await local('outage', { mode: 'none' });

    expect(await findPayout(wish.payoutId, 'ba_find')).toMatchObject({ amountMinor: 1000 });
    expect(await findPayout(wish.payoutId, 'ba_other')).toBeUndefined();
    expect(await findPayout('payout-none', 'ba_find')).toBeUndefined();
  });
});
