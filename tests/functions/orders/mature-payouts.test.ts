import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { payoutAccountOf, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { days } from '#platform/clock.ts';
import { raw } from '../../domain/wallet/books.ts';
import { delivered, later } from '../../support/orders.ts';
import {
  aPaidCreator,
  aPaidSeller,
  differences,
  type Earner,
  earn,
  fundProvider,
  stagesOf,
} from '../../support/payouts.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await fundProvider(world, 10_000_000);
});
afterAll(() => world.stop());

const weekly = ({ payee }: Earner, ref = 'ba_ok') =>
  savePayoutAccount(payee, { ref, label: 'DE •• 4321', schedule: 'weekly' }, world.now());
const payoutsOf = ({ payee: { id } }: Earner) =>
  raw('payouts').find({ 'payee.id': id }).sort({ _id: 1 }).toArray();
const mature = async () => {
  expect(await world.runJob('maturePayouts')).toBe(200);
  await world.settle();
};

describe('maturePayouts', () => {
  test('settles what has waited, and pays a shop with a schedule once a week', async () => {
    const seller = await aPaidSeller(world);
    const buyer = await world.person('buyer');
    await delivered(world, { buyer, seller: seller.person, lines: [{ unitMinor: 10_000 }] });
    await later(world, days(15));
    expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 0 });

    await later(world, days(4));
    await weekly(seller);
    await mature();
    await mature();

    const [payout, ...more] = await payoutsOf(seller);
    expect(payout).toMatchObject({
      ...{ status: 'paid', amountMinor: 9999 },
      items: [{ source: 'sales', minor: 9999 }],
    });
    expect(more).toEqual([]);
    expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 0 });
    expect(await differences(world)).toEqual([]);

    await earn(seller, 2000);
    await mature();
    expect(await payoutsOf(seller)).toHaveLength(1);
    await later(world, days(7));
    await mature();
    expect(await payoutsOf(seller)).toMatchObject([{ amountMinor: 9999 }, { amountMinor: 2000 }]);
  });

  test('asks creators with a schedule again next week when it is too little', async () => {
    const creator = await aPaidCreator(world);
    await weekly(creator);
    await earn(creator, 999);

    await mature();
    const planned = (await payoutAccountOf(creator.payee))?.nextAt;
    await earn(creator, 1);
    await later(world, days(8));
    await mature();

    expect(planned?.getTime()).toBeGreaterThan(world.now().getTime() - days(8));
    expect(await payoutsOf(creator)).toMatchObject([
      { amountMinor: 1000, items: [{ source: 'affiliate' }] },
    ]);
  });

  test('leaves those alone who ask for themselves', async () => {
    const seller = await aPaidSeller(world);
    await weekly(seller);
    const manual = { ref: 'ba_ok', label: 'Mine', schedule: 'manual' } as const;
    await savePayoutAccount(seller.payee, manual, world.now());
    await earn(seller, 5000);

    await mature();

    expect(await payoutsOf(seller)).toEqual([]);
    expect(await payoutAccountOf(seller.payee)).toMatchObject({ schedule: 'manual' });
  });
});
