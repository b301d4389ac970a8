import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { PAYOUT_STATUSES, type PayoutStatus, Payouts } from '#domain/wallet/payout.model.ts';
import { savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import {
  movePayout,
  mustMovePayout,
  NEXT_PAYOUT,
  type PayoutRow,
} from '#domain/wallet/payout-state.ts';
import { requestPayout } from '#domain/wallet/request-payout.ts';
import { days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId } from '#platform/id.ts';
import { differences, type Earner, earn, stagesOf } from '../../support/payouts.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { emptyBooks, raw } from './books.ts';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await startWorld({ background: false });
  person = await world.person('seller');
  await changeSetting('payouts.approvalOverMinor', 1);
});
beforeEach(emptyBooks);
afterEach(() => raw('payouts').deleteMany({}));
afterAll(() => world.stop());

const now = () => world.now();

/** A payee with this much, and a payout of it that waits for approval. */
async function asked(minor: number): Promise<{ earner: Earner; id: PayoutRow['_id'] }> {
  const payee = { type: 'shop', id: newId() } as const;
  const earner = { person, payee };
  const since = new Date(now().getTime() - days(3));
  await savePayoutAccount(payee, { ref: 'ba_ok', label: 'Bank' }, since);
  await earn(earner, minor);
  return { earner, id: (await ask(earner))._id };
}

const ask = ({ payee }: Earner, amountMinor?: number) =>
  requestPayout(
    {
      ...{ payee, user: newId<'user'>(), verified: true, operation: newId().toHexString() },
      ...{ source: 'sales', currency: 'USD', amountMinor },
    },
    now(),
  );
const go = (id: PayoutRow['_id'], to: PayoutStatus) =>
  transaction(() => movePayout(id, to, {}, now()));

/** How to come to each state. */
const WAY: Readonly<Record<PayoutStatus, readonly PayoutStatus[]>> = {
  requested: [],
  held: ['held'],
  approved: ['approved'],
  processing: ['approved', 'processing'],
  paid: ['approved', 'processing', 'paid'],
  failed: ['approved', 'processing', 'failed'],
  returned: ['approved', 'processing', 'paid', 'returned'],
  cancelled: ['cancelled'],
};
const pairs = PAYOUT_STATUSES.flatMap((from) => PAYOUT_STATUSES.map((to) => [from, to] as const));
const OPEN: readonly PayoutStatus[] = ['requested', 'held', 'approved', 'processing'];

describe('E8', () => {
  test.each(pairs)('%s → %s is as declared, and the money with it', async (from, to) => {
    const { earner, id } = await asked(5000);
    for (const step of WAY[from]) expect(await go(id, step)).not.toBeNull();
    const allowed = NEXT_PAYOUT[from].includes(to);
    const expected = allowed ? to : from;

    const moved = await go(id, to);

    expect(moved !== null).toBe(allowed);
    const row = await Payouts.findOne({ _id: id }).lean();
    expect([row?.status, row?.open ?? false]).toEqual([expected, OPEN.includes(expected)]);
    const back = expected === 'failed' || expected === 'returned' || expected === 'cancelled';
    expect(await stagesOf(earner)).toEqual({
      available: back ? 5000 : 0,
      inPayout: OPEN.includes(expected) ? 5000 : 0,
    });
    await expect(transaction(() => mustMovePayout(id, expected, {}, now()))).rejects.toMatchObject({
      code: 'conflict',
      facts: { current: expected },
    });
    expect(await differences(world)).toEqual([]);
  });

  test('moves once, however many push at once', async () => {
    const { earner, id } = await asked(5000);
    await go(id, 'approved');
    await go(id, 'processing');

    const moved = await Promise.all(
      [1, 2, 3, 4, 5].map((at) => go(id, at % 2 === 0 ? 'paid' : 'failed')),
    );

    expect(moved.filter((one) => one !== null)).toHaveLength(1);
    const [winner] = moved.filter((one) => one !== null);
    expect(await stagesOf(earner)).toEqual({
      available: winner?.status === 'failed' ? 5000 : 0,
      inPayout: 0,
    });
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('sale' as const), minor: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ do: fc.constant('refund' as const), minor: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ do: fc.constant('ask' as const), minor: fc.integer({ min: 1000, max: 6000 }) }),
  fc.record({ do: fc.constant('move' as const), to: fc.constantFrom(...PAYOUT_STATUSES) }),
  fc.record({
    do: fc.constant('rush' as const),
    minor: fc.integer({ min: 1000, max: 6000 }),
    refund: fc.integer({ min: 1, max: 3000 }),
  }),
);

describe('any sequence of sales, refunds, payouts and returns', () => {
  test('makes and loses nothing', async () => {
    const until = Date.now() + 40_000;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        if (Date.now() > until) return;
        ran += 1;
        await emptyBooks();
        await raw('payouts').deleteMany({});
        const { earner, id: first } = await asked(5000);
        let [available, inPayout, sentMinor, id] = [0, 5000, 0, first];
        const begun = async (minor: number, owed = 0): Promise<void> => {
          const before = available;
          try {
            id = (await ask(earner, minor))._id;
            expect(before + owed).toBeGreaterThanOrEqual(minor);
            available -= minor;
            inPayout += minor;
          } catch (error) {
            expect(['payout_open', 'insufficient_balance']).toContain(
              (error as { code?: string }).code,
            );
            expect(inPayout > 0 || before - owed < minor).toBe(true);
          }
        };
        for (const one of steps) {
          if (one.do === 'sale' || one.do === 'refund') {
            const by = one.do === 'sale' ? one.minor : -one.minor;
            await earn(earner, by);
            available += by;
          } else if (one.do === 'ask') await begun(one.minor);
          else if (one.do === 'rush') {
            await Promise.all([begun(one.minor, one.refund), earn(earner, -one.refund)]);
            available -= one.refund;
          } else {
            const moved = await go(id, one.to);
            if (!moved) continue;
            const minor = moved.amountMinor;
            if (one.to === 'paid') [inPayout, sentMinor] = [inPayout - minor, sentMinor + minor];
            if (one.to === 'failed' || one.to === 'cancelled')
              [inPayout, available] = [inPayout - minor, available + minor];
            if (one.to === 'returned')
              [sentMinor, available] = [sentMinor - minor, available + minor];
          }
          expect(inPayout).toBeGreaterThanOrEqual(0);
        }

        expect(await stagesOf(earner)).toEqual({ available, inPayout });
        expect(await differences(world)).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
    expect(ran).toBeGreaterThan(1);
  }, 180_000);
});
