/** Deeds with wallets, and with what was earned. */
import * as fc from 'fast-check';
import type { Body } from '../../support/caller.ts';
import { payoutRow } from '../../support/payouts.ts';
import { PASSWORD } from '../../support/people.ts';
import { BUYERS, CREATOR, GIFTS, type Name, PACKS, PAYOUTS, PEOPLE, shopOf } from './cast.ts';
import { aChoice, asks, chosen, type Deed, deed, happens } from './deed.ts';
import { EARNINGS } from './money.ts';

const keysOf = <Key extends string>(of: Readonly<Record<Key, unknown>>) =>
  fc.constantFrom(...(Object.keys(of) as Key[]));
const aBuyer = fc.constantFrom(...BUYERS);
const anybody = fc.constantFrom(...PEOPLE);
const WHO = { password: PASSWORD };
const WALLETS = { cash: 'USD', coin: 'COIN', dia: 'DIA' } as const;

export const transfer = (weight: number, from: fc.Arbitrary<Name>, to: fc.Arbitrary<Name>): Deed =>
  deed(weight, fc.tuple(from, to, fc.integer({ min: 1, max: 9000 })), (stage, [a, b, amount]) =>
    a === b
      ? undefined
      : asks(stage, [a, '/api/wallet/transfer', { to: stage.idOf(b), amount }], () =>
          stage.oracle.money.transfer(a, b, amount),
        ),
  );

export const give = (weight: number, from: fc.Arbitrary<Name>, to: fc.Arbitrary<Name>): Deed =>
  deed(
    weight,
    fc.tuple(from, to, keysOf(GIFTS), fc.integer({ min: 1, max: 9 })),
    (stage, [a, b, giftId, quantity]) => {
      const wish = { giftId, quantity, userId: stage.idOf(b) };
      const verdict = () => stage.oracle.money.give(a, b, giftId, quantity);
      return a === b ? undefined : asks(stage, [a, '/api/wallet/gifts', wish], verdict);
    },
  );

export const MONEY = {
  topUp: deed(
    2,
    fc.tuple(aBuyer, fc.nat(9999), fc.constantFrom('pm_card_visa', 'pm_card_chargeDeclined')),
    (stage, [who, minor, paymentMethod]) => {
      const wish = { amount: minor + 1, paymentMethod };
      return asks(stage, [who, '/api/wallet/topup', wish], () =>
        stage.oracle.money.topUp(who, minor + 1, paymentMethod),
      );
    },
  ),
  buyCoins: deed(3, fc.tuple(aBuyer, keysOf(PACKS)), (stage, [who, pack]) =>
    asks(stage, [who, '/api/wallet/coins', { pack }], () => stage.oracle.money.buyCoins(who, pack)),
  ),
  transfer: transfer(2, anybody, anybody),
  give: give(4, aBuyer, fc.constantFrom(CREATOR, ...PEOPLE)),
  /** Two of the staff put something right. */
  adjust: deed(
    2,
    fc.tuple(keysOf(WALLETS), anybody, fc.integer({ min: 1, max: 999 }), fc.boolean()),
    (stage, [kind, who, size, take]) => {
      const path = '/api/admin/wallet/adjustments';
      const wallet = { target: 'wallet', id: stage.idOf(who), currency: WALLETS[kind] };
      const amount = take ? -size : size;
      return {
        act: async () => {
          const wish = { ...wallet, amount, reason: 'Miscounted' };
          const { body } = await stage.post('staff', path, wish);
          return stage.post('other', path, { approvalId: body['adjustment']?.['approvalId'] });
        },
        verdict: () => stage.oracle.money.adjust(`${kind}:${who}`, amount),
      };
    },
  ),
  /** A shop or the creator want all that they have earned; mostly when it is enough. */
  payOut: deed(6, fc.tuple(fc.constantFrom(...EARNINGS), aChoice), (stage, [earning, choice]) => {
    const { money } = stage.oracle;
    const amount = money.earned(earning);
    if (!choice.blind && amount < PAYOUTS.minimum) return undefined;
    const diamonds = earning === 'diamonds' && { amount: Math.max(1, amount) };
    const wish: readonly [Name, string, object] =
      typeof earning === 'string'
        ? [CREATOR, '/api/wallet/withdrawals', { ...WHO, from: earning, ...diamonds }]
        : [shopOf(earning).owner, '/api/seller/payouts', WHO];
    const note = (body: Body) =>
      Object.assign(money.payouts.at(-1) ?? {}, { id: String(body['payout']?.['id']) });
    return asks(stage, wish, () => money.payOut(earning), note);
  }),
  /** A bank sends a payout back. */
  bankReturn: deed(1, fc.nat(3), (stage, nth) => {
    const { money } = stage.oracle;
    const payout = chosen(money.payouts, { nth }, ({ back }) => !back);
    if (!payout) return undefined;
    return happens(
      async () => {
        const ref = (await payoutRow(payout.id))?.['providerRef'];
        const why = { code: 'account_closed' };
        await stage.cast.world.payments('POST', `payouts/${ref}/return`, why);
      },
      () => money.comeBack(payout),
    );
  }),
};
