import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { balanceOfAccount, balancesOfAccounts } from '#domain/wallet/account-balances.ts';
import { type Account, earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import { advanceCheckpoints } from '#domain/wallet/checkpoints.ts';
import { post } from '#domain/wallet/ledger.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';
import { emptyBooks, raw } from './books.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
beforeEach(emptyBooks);
afterAll(() => world.stop());

const soon = () => new Date(Date.now() + minutes(2));
const shop = newId<'shop'>();
const ACCOUNTS: readonly Account[] = [
  'psp',
  'fee',
  shopAccount(shop, 'pending'),
  shopAccount(shop, 'available'),
  earnerAccount(newId<'user'>(), 'available'),
];

interface Move {
  readonly from: number;
  readonly to: number;
  readonly minor: number;
  readonly currency: string;
}

const move = fc
  .record({
    from: fc.nat(ACCOUNTS.length - 1),
    to: fc.nat(ACCOUNTS.length - 1),
    minor: fc.integer({ min: 1, max: 1000 }),
    currency: fc.constantFrom('USD', 'EUR'),
  })
  .filter(({ from, to }) => from !== to);

const book = ({ from, to, minor, currency }: Move) =>
  transaction(() =>
    post(
      {
        event: { type: 'test', id: newId() },
        movements: [
          {
            from: ACCOUNTS[from] ?? 'psp',
            to: ACCOUNTS[to] ?? 'fee',
            amountMinor: minor,
            currency,
          },
        ],
        line: { type: 'order' },
      },
      new Date(),
    ),
  );

const expected = (moves: readonly Move[], currency: string): number[] =>
  ACCOUNTS.map((_, at) =>
    moves
      .filter((one) => one.currency === currency)
      .reduce(
        (sum, { from, to, minor }) => sum + (to === at ? minor : from === at ? -minor : 0),
        0,
      ),
  );
const balances = async (currency: string): Promise<number[]> => [
  ...(await balancesOfAccounts(ACCOUNTS, currency)).values(),
];

describe('the balance of an account without a document', () => {
  test('is the sum of its entries, whatever is posted while its history is added up', async () => {
    const until = Date.now() + 40_000;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(move, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 4 }),
        async (rounds) => {
          if (Date.now() > until) return;
          ran += 1;
          await emptyBooks();
          const booked: Move[] = [];
          for (const round of rounds) {
            // All that was posted so far is history now, and no more is: as five minutes later.
            const boundary = newId();
            const before = expected(booked, 'USD');
            const advancing = [1, 2, 3].map(() => advanceCheckpoints(boundary, soon()));
            const reading = [balances('USD'), balances('USD')];
            const posting = round.map(book);
            await Promise.all([...advancing, ...posting]);
            const seen = await Promise.all(reading);
            booked.push(...round);
            const after = expected(booked, 'USD');

            expect(await balances('USD')).toEqual(after);
            expect(await balances('EUR')).toEqual(expected(booked, 'EUR'));
            const moved = round.reduce((sum, { minor }) => sum + minor, 0);
            for (const read of seen)
              read.forEach((minor, at) => {
                expect(Math.abs(minor - (before[at] ?? 0))).toBeLessThanOrEqual(moved);
              });
          }
          await advanceCheckpoints(newId(), soon());
          expect(await balances('USD')).toEqual(expected(booked, 'USD'));
          expect((await audit(new Date(), soon())).differences).toEqual([]);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
    expect(ran).toBeGreaterThan(1);
  }, 180_000);

  test('reads only what came after the checkpoint', async () => {
    await book({ from: 0, to: 3, minor: 700, currency: 'USD' });
    expect(await advanceCheckpoints(newId(), soon())).toEqual({ read: 2, finished: true });
    await book({ from: 3, to: 1, minor: 50, currency: 'USD' });

    const available = shopAccount(shop, 'available');
    expect(await balanceOfAccount(available, 'USD')).toBe(650);
    expect(await transaction(() => balanceOfAccount(available, 'USD'))).toBe(650);
    expect(await balanceOfAccount(available, 'EUR')).toBe(0);
    expect([...(await balancesOfAccounts([], 'USD'))]).toEqual([]);
    expect(await advanceCheckpoints(newId(), new Date(0))).toEqual({ read: 0, finished: false });
  });

  test('is held against the entries by the audit', async () => {
    await book({ from: 0, to: 3, minor: 700, currency: 'USD' });
    await advanceCheckpoints(newId(), soon());
    await raw('accountcheckpoints').updateOne({ account: 'psp' }, { $inc: { minor: 1 } });

    expect((await audit(new Date(), soon())).differences).toEqual([
      { kind: 'checkpoint', subject: 'psp/USD', expected: '-700', found: '-699' },
    ]);
  });

  test('leaves alone what a transaction under way may still join', async () => {
    await book({ from: 0, to: 3, minor: 700, currency: 'USD' });

    expect(await world.runJob('advanceCheckpoints')).toBe(200);

    expect(await raw('accountcheckpoints').countDocuments()).toBe(0);
  });
});
