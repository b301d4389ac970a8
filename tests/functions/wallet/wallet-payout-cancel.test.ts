import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import {
  aPaidCreator,
  aPaidSeller,
  differences,
  type Earner,
  earn,
  payoutRow,
  stagesOf,
} from '../../support/payouts.ts';
import { PASSWORD } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await changeSetting('payouts.approvalOverMinor', 1000);
});
afterAll(() => world.stop());

let keys = 0;
const nextKey = () => `cancel-${++keys}`;
/** A payout that waits for staff; its id. */
async function waiting({ person, payee }: Earner): Promise<string> {
  const shops = payee.type === 'shop';
  const path = shops ? '/api/seller/payouts' : '/api/wallet/withdrawals';
  const wish = { password: PASSWORD, ...(!shops && { from: 'affiliate' }) };
  const { status, body } = await person.post(path, wish, { key: nextKey() });
  expect([status, body['payout']?.['status']]).toEqual([201, 'requested']);
  return String(body['payout']?.['id']);
}
const cancel = ({ person }: Pick<Earner, 'person'>, id: string) =>
  person.post(`/api/wallet/payouts/${id}/cancel`, {}, { key: nextKey() });

describe('walletPayoutCancel', () => {
  test.each([
    ['a shop', aPaidSeller],
    ['a creator', aPaidCreator],
  ] as const)('gives %s back what was not approved yet, once', async (_, anEarner) => {
    const earner = await anEarner(world);
    await earn(earner, 7000);
    const id = await waiting(earner);
    const underway = await stagesOf(earner);

    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => cancel(earner, id)));
    await world.settle();

    expect(underway).toMatchObject({ available: 0, inPayout: 7000 });
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await stagesOf(earner)).toMatchObject({ available: 7000, inPayout: 0 });
    expect((await payoutRow(id))?.['status']).toBe('cancelled');
    const { body } = await earner.person.get('/api/notifications');
    expect(body['notifications']).not.toContainEqual(
      expect.objectContaining({ type: 'payout_failed' }),
    );
    await waiting(earner);
    expect(await differences(world)).toEqual([]);
  });

  test('takes back what staff holds, and never what is approved', async () => {
    const staff = await staffMember(world, ['money.adjust']);
    const decide = (id: string, action: string) =>
      staff.post(
        `/api/admin/payouts/${id}/actions`,
        { action, reason: 'test' },
        { key: nextKey() },
      );
    const [one, two] = [await aPaidSeller(world), await aPaidSeller(world)];
    await earn(one, 7000);
    await earn(two, 7000);
    const [held, sent] = [await waiting(one), await waiting(two)];
    await decide(held, 'hold');

    const answers = [await cancel(one, held)];
    const both = await Promise.all([cancel(two, sent), decide(sent, 'approve')]);
    await world.settle();

    expect(answers.map(({ status, body }) => [status, body['payout']?.['status']])).toEqual([
      [200, 'cancelled'],
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await differences(world)).toEqual([]);
  });
});
