import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { payableCommissions, recordCommissions } from '#domain/sellers/commissions.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import {
  aPaidCreator,
  type Earner,
  earn,
  fundProvider,
  giveDiamonds,
  payoutBecomes,
  payoutRow,
} from '../../support/payouts.ts';
import { PASSWORD, type Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let offer: string;
beforeAll(async () => {
  world = await startWorld();
  await fundProvider(world, 10_000_000);
  seller = await world.person('seller');
  await aShop(world, seller);
  const { id } = await aProduct(seller);
  const path = `/api/seller/affiliate-offers/${id}`;
  const { body } = await seller.put(path, { rateBps: 2000 }, { key: randomUUID() });
  offer = String(body['offer']?.['id']);
});
afterAll(() => world.stop());

/** Commissions that are payable, in this order, with the money they stand for. */
async function earned(creator: Earner, amounts: readonly number[]): Promise<void> {
  for (const amountMinor of amounts) {
    const order = newId<'order'>();
    const commission = {
      ...{ order, line: newId<'line'>(), offer: toId<'offer'>(offer) },
      ...{ creator: toId<'user'>(creator.person.id), baseMinor: 5 * amountMinor, amountMinor },
    };
    await transaction(async () => {
      await recordCommissions([commission], world.now());
      await payableCommissions(order);
    });
    await earn(creator, amountMinor);
  }
}

const statesOf = async ({ person }: Earner): Promise<string[]> => {
  const { body } = await person.get('/api/affiliate/commissions');
  const rows = [...(body['commissions'] ?? [])];
  return rows.map((row) => `${row['amountMinor']} ${row['status']}`).reverse();
};

const withdraw = async ({ person }: Earner, amount: number): Promise<string> => {
  const wish = { password: PASSWORD, from: 'affiliate', amount };
  const { body } = await person.post('/api/wallet/withdrawals', wish, { key: randomUUID() });
  const id = String(body['payout']?.['id']);
  await payoutBecomes(id, 'paid');
  await world.settle();
  return id;
};

describe('payCommissions', { timeout: 60_000 }, () => {
  test('marks the oldest commissions that a payout pays in full', async () => {
    const creator = await aPaidCreator(world);
    await earned(creator, [1000, 400, 800]);

    await withdraw(creator, 1500);
    const { body } = await creator.person.get('/api/affiliate/commissions');

    expect(await statesOf(creator)).toEqual(['1000 paid', '400 paid', '800 payable']);
    expect(body['earnings']).toMatchObject({ availableMinor: 700, inPayoutMinor: 0 });
  });

  test('takes that back when the bank sends the money back', async () => {
    const creator = await aPaidCreator(world);
    await earned(creator, [1000, 1000]);
    const id = await withdraw(creator, 2000);
    const paid = await statesOf(creator);

    const ref = String((await payoutRow(id))?.['providerRef']);
    await world.payments('POST', `payouts/${ref}/return`, { code: 'account_closed' });
    await payoutBecomes(id, 'returned');
    await world.settle();

    expect(paid).toEqual(['1000 paid', '1000 paid']);
    expect(await statesOf(creator)).toEqual(['1000 payable', '1000 payable']);
  });

  test('pays none of them with diamonds', async () => {
    const creator = await aPaidCreator(world);
    await earned(creator, [1000]);
    await giveDiamonds(creator.person, 5000);

    const wish = { password: PASSWORD, from: 'diamonds', amount: 5000 };
    const path = '/api/wallet/withdrawals';
    const { body } = await creator.person.post(path, wish, { key: randomUUID() });
    await payoutBecomes(String(body['payout']?.['id']), 'paid');
    await world.settle();

    expect(await statesOf(creator)).toEqual(['1000 payable']);
  });
});
