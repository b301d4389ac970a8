import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { cashOf, coinsOf, diamondsOf } from '#domain/wallet/accounts.ts';
import { type Movement, post } from '#domain/wallet/ledger.ts';
import { settle } from '#domain/wallet/settle.ts';
import { transfer } from '#domain/wallet/transfer.ts';
import { balanceOf } from '#domain/wallet/wallets.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { giveCash } from '../../functions/wallet/money.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { emptyBooks, raw } from './books.ts';

let world: World;
let people: readonly Person[];
beforeAll(async () => {
  world = await startWorld({ background: false });
  people = [await world.person('ann'), await world.person('ben'), await world.person('cem')];
});
beforeEach(emptyBooks);
afterAll(() => world.stop());

const idOf = (who: number) => toId<'user'>(people[who]?.id ?? '');
const soon = () => new Date(Date.now() + minutes(2));
const spend = (from: number, to: number, amountMinor: number) =>
  transfer({ from: idOf(from), to: idOf(to).toHexString(), amountMinor }, new Date());
const cash = async (who: number) => (await balanceOf(idOf(who), new Date())).balance;

const who = fc.nat(2);
const amount = fc.integer({ min: 1, max: 400 });
const payment = fc
  .tuple(who, who, amount)
  .filter(([from, to]) => from !== to)
  .map(([from, to, minor]) => ({ from, to, minor }));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('topup' as const), who, minor: amount }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('transfer' as const), payment }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      payments: fc.array(payment, { minLength: 2, maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), who }) },
);

describe('the ledger', () => {
  test('agrees with a list of sums after any sequence of top-ups, transfers and settlements', async () => {
    const until = Date.now() + 40_000;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        if (Date.now() > until) return;
        ran += 1;
        await emptyBooks();
        const owns = [0, 0, 0];
        const add = (person: number, by: number) => {
          owns[person] = (owns[person] ?? 0) + by;
        };
        const moved = ({ from, to, minor }: { from: number; to: number; minor: number }) => {
          add(from, -minor);
          add(to, minor);
        };
        for (const one of steps) {
          if (one.do === 'topup') {
            await giveCash(idOf(one.who).toHexString(), one.minor);
            add(one.who, one.minor);
          } else if (one.do === 'settle') await settle(idOf(one.who), new Date());
          else if (one.do === 'transfer') {
            const { from, to, minor } = one.payment;
            const affordable = (owns[from] ?? 0) >= minor;
            const sent = spend(from, to, minor);
            await (affordable
              ? sent
              : expect(sent).rejects.toMatchObject({ code: 'insufficient_balance' }));
            if (affordable) moved(one.payment);
          } else {
            const results = await Promise.allSettled(
              one.payments.map(({ from, to, minor }) => spend(from, to, minor)),
            );
            one.payments.forEach((sent, at) => {
              if (results[at]?.status === 'fulfilled') moved(sent);
              else expect(results[at]).toMatchObject({ reason: { code: 'insufficient_balance' } });
            });
          }
          expect(Math.min(...owns)).toBeGreaterThanOrEqual(0);
        }

        expect([await cash(0), await cash(1), await cash(2)]).toEqual(owns);
        const proof = await audit(new Date(), soon());
        expect(proof).toMatchObject({ balanced: true, complete: true, differences: [] });
        await Promise.all([0, 1, 2].map((person) => settle(idOf(person), new Date())));
        const wallets = await raw('wallets')
          .find({ user: { $in: [0, 1, 2].map(idOf) } })
          .toArray();
        const settled = new Map(wallets.map((row) => [String(row['user']), row['cashMinor']]));
        expect([0, 1, 2].map((person) => settled.get(String(idOf(person))))).toEqual(owns);
      }),
      { numRuns: 25, endOnFailure: true },
    );
    expect(ran).toBeGreaterThan(1);
  }, 180_000);

  test('posts coins and diamonds beside money, each to its own balance', async () => {
    const user = idOf(0);
    await giveCash(user.toHexString(), 1000);
    const post1 = (type: string, movements: readonly Movement[]) =>
      transaction(() =>
        post({ event: { type, id: newId() }, movements, line: { type: 'coins' } }, new Date()),
      );

    await post1('coins', [
      { from: cashOf(user), to: 'fee', amountMinor: 400, currency: 'USD' },
      { from: 'coin_issue', to: coinsOf(user), amountMinor: 50, currency: 'COIN' },
    ]);
    await post1('gift', [
      { from: coinsOf(user), to: 'coin_burn', amountMinor: 20, currency: 'COIN' },
      { from: 'dia_issue', to: diamondsOf(idOf(1)), amountMinor: 10, currency: 'DIA' },
    ]);

    expect(await balanceOf(user, new Date())).toMatchObject({ balance: 600, coins: 30 });
    expect(await balanceOf(idOf(1), new Date())).toMatchObject({ balance: 0, diamonds: 10 });
    expect((await audit(new Date(), soon())).differences).toEqual([]);
  });

  test('posts one event once', async () => {
    const event = { type: 'payment', id: newId() };
    const movements = [
      { from: 'psp', to: cashOf(idOf(0)), amountMinor: 5, currency: 'USD' },
    ] as const;
    const once = () =>
      transaction(() => post({ event, movements, line: { type: 'topup' } }, new Date()));

    await once();

    await expect(once()).rejects.toMatchObject({ code: 11_000 });
    expect(await cash(0)).toBe(5);
  });

  test.each([
    ['a fraction', { from: 'psp', amountMinor: 0.5 }],
    ['nothing', { from: 'psp', amountMinor: 0 }],
    ['less than nothing', { from: 'psp', amountMinor: -5 }],
    ['more than a number holds', { from: 'psp', amountMinor: 2 ** 53 }],
    ['coins from a cash account', { from: 'psp', amountMinor: 5, currency: 'COIN' }],
  ] as const)('refuses to move %s', async (_, movement) => {
    const movements = [{ to: cashOf(idOf(0)), currency: 'USD', ...movement }];
    const posting = { event: { type: 'test', id: newId() }, line: { type: 'topup' } } as const;

    const posted = transaction(() => post({ ...posting, movements }, new Date()));

    await expect(posted).rejects.toBeInstanceOf(RangeError);
    expect(await raw('ledgerentries').countDocuments()).toBe(0);
  });

  test('lets a frozen wallet take money but not give it', async () => {
    await giveCash(idOf(0).toHexString(), 100);
    await raw('wallets').updateOne({ user: idOf(0) }, { $set: { status: 'frozen' } });

    await expect(spend(0, 1, 10)).rejects.toMatchObject({ code: 'account_restricted' });
    await giveCash(idOf(0).toHexString(), 10);
    expect(await cash(0)).toBe(110);
  });

  test('settles more credits than one transaction folds', async () => {
    const user = idOf(2);
    const movements = [{ from: 'psp', to: cashOf(user), amountMinor: 1, currency: 'USD' }] as const;
    await transaction(() =>
      post(
        { event: { type: 'first', id: newId() }, movements, line: { type: 'topup' } },
        new Date(),
      ),
    );
    const [line] = await raw('transactions').find({ user }).toArray();
    const [debit, credit] = await raw('ledgerentries').find().sort({ seq: 1 }).toArray();
    expect([debit?.['account'], credit?.['account']]).toEqual(['psp', cashOf(user)]);
    const copies = Array.from({ length: 600 }, () => ({ ...line, _id: newId() }));
    await raw('transactions').insertMany(copies as never);

    expect(await settle(user, new Date())).toBe(601);

    expect(await cash(2)).toBe(601);
  });
});
