import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  aPaidCreator,
  differences,
  type Earner,
  earn,
  fundProvider,
  giveDiamonds,
  payoutBecomes,
  stagesOf,
  verified,
} from '../../support/payouts.ts';
import { PASSWORD } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await fundProvider(world, 10_000_000);
});
afterAll(() => world.stop());

let keys = 0;
const ask = ({ person }: Pick<Earner, 'person'>, body: object, key = `w-${++keys}`) =>
  person.post('/api/wallet/withdrawals', { password: PASSWORD, ...body }, { key });

describe('walletWithdraw', () => {
  test('turns diamonds into money at the published rate and shows the new balance', async () => {
    const creator = await aPaidCreator(world);
    await giveDiamonds(creator.person, 5001);

    const { status, body } = await ask(creator, { from: 'diamonds', amount: 4001 });
    await payoutBecomes(String(body['payout']?.['id']), 'paid');
    await world.settle();

    expect(status).toBe(201);
    expect(body['payout']).toMatchObject({
      amount: 2000,
      items: [{ source: 'diamonds', amount: 2000, diamonds: 4001 }],
    });
    const { id } = creator.person;
    expect((await creator.person.get('/api/wallet/balance')).body['diamonds']).toBe(1000);
    const { body: statement } = await creator.person.get(
      '/api/wallet/transactions?type=withdrawal',
    );
    expect(statement['transactions']).toMatchObject([
      { direction: 'out', amount: 4001, currency: 'DIA' },
    ]);
    expect(await world.realtime(`user:${id}`)).toContainEqual(
      expect.objectContaining({
        name: 'wallet:update',
        data: expect.objectContaining({ diamonds: 1000 }),
      }),
    );
    expect(await differences(world)).toEqual([]);
  });

  test('pays out what an affiliate earned, and shows where it is from', async () => {
    const creator = await aPaidCreator(world);
    await earn(creator, 3000);

    const part = await ask(creator, { from: 'affiliate', amount: 1200 });
    await payoutBecomes(String(part.body['payout']?.['id']), 'paid');
    const rest = await ask(creator, { from: 'affiliate' });

    expect(rest.body['payout']).toMatchObject({ amount: 1800 });
    const { body } = await creator.person.get('/api/wallet/withdrawals');
    expect(body).toMatchObject({
      earnings: { available: 0 },
      payouts: [{ amount: 1800 }, { amount: 1200 }],
      lines: [{ amount: -1800 }, { amount: -1200 }, { amount: 3000 }],
    });
  });

  test('leaves the money of diamonds with the creator when the bank sends it back', async () => {
    const creator = await aPaidCreator(world, 'ba_account_closed');
    await giveDiamonds(creator.person, 4000);

    const { body } = await ask(creator, { from: 'diamonds', amount: 4000 });
    await payoutBecomes(String(body['payout']?.['id']), 'failed');

    expect(await stagesOf(creator)).toEqual({ available: 2000, inPayout: 0 });
    expect(await differences(world)).toEqual([]);
  });

  test('lets one of five withdrawals at once through', async () => {
    const creator = await aPaidCreator(world);
    await giveDiamonds(creator.person, 4000);
    await changeSetting('payouts.approvalOverMinor', 100);

    const five = await Promise.all(
      [1, 2, 3, 4, 5].map(() => ask(creator, { from: 'diamonds', amount: 2000 })),
    );
    await changeSetting('payouts.approvalOverMinor', 500_000);

    expect(five.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect((await creator.person.get('/api/wallet/balance')).body['diamonds']).toBe(2000);
    expect(await stagesOf(creator)).toEqual({ available: 0, inPayout: 1000 });
  });

  test('wants an adult with a known identity, enough diamonds, and an account that has waited', async () => {
    const young = await aPaidCreator(world);
    await raw('users').updateOne(
      { _id: toId(young.person.id) },
      { $set: { birthDate: new Date(world.now().getTime() - 16 * 365 * 86_400_000) } },
    );
    const person = await world.person('creator');
    await giveDiamonds(person, 3000);
    const account = { ref: 'ba_fresh', label: 'My bank' };

    const underAge = await ask(young, { from: 'affiliate' });
    const unknown = await ask({ person }, { from: 'diamonds', amount: 2000 });
    await verified(person);
    const nowhere = await ask({ person }, { from: 'diamonds', amount: 2000 });
    const fresh = await ask({ person }, { from: 'diamonds', amount: 2000, account });
    await changeSetting('payouts.accountAgeHours', 0);
    const few = await ask({ person }, { from: 'diamonds', amount: 999 });
    const many = await ask({ person }, { from: 'diamonds', amount: 3001 });
    const right = await ask({ person }, { from: 'diamonds', amount: 3000 });
    await changeSetting('payouts.accountAgeHours', 48);

    expect(underAge.body['code']).toBe('under_age');
    expect(unknown.body['code']).toBe('identity_not_verified');
    expect(nowhere.body).toMatchObject({ code: 'payout_account_not_ready', current: 'missing' });
    expect(fresh.body).toMatchObject({ code: 'payout_account_not_ready', current: 'new' });
    expect(few.body).toMatchObject({ code: 'below_minimum', current: { minimumDiamonds: 1000 } });
    expect(many.status).toBe(402);
    expect(right.body['payout']).toMatchObject({ account: 'My bank' });
    expect(
      (await ask({ person }, { from: 'diamonds', amount: 1, password: 'Wrong-1234' })).status,
    ).toBe(403);
  });

  test('lets an adult who said when they were born take money out', async () => {
    const creator = await aPaidCreator(world);
    await raw('users').updateOne(
      { _id: toId(creator.person.id) },
      { $set: { birthDate: new Date('1990-01-01') } },
    );
    await earn(creator, 3000);

    expect((await ask(creator, { from: 'affiliate' })).status).toBe(201);
  });
});
