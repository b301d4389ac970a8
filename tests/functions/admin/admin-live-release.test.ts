import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import { giveCoins, goLive } from '../../support/live.ts';
import {
  aPaidCreator,
  differences,
  type Earner,
  fundProvider,
  giveDiamonds,
} from '../../support/payouts.ts';
import { PASSWORD, type Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
beforeAll(async () => {
  world = await startWorld();
  staff = await staffMember(world, ['live.stop']);
  await changeSetting('wallet.withdrawMinimumDiamonds', 1);
  await fundProvider(world, 1_000_000);
});
afterAll(() => world.stop());

let keys = 0;
const nextKey = () => `release-${++keys}`;
/** A creator with 100 diamonds of before, and a stream in which they were given 20 more. */
async function aStream(): Promise<readonly [Earner, string]> {
  const [creator, fan] = [await aPaidCreator(world), await world.person('fan')];
  await giveDiamonds(creator.person, 100);
  const id = await goLive(creator.person);
  await giveCoins(fan, 100);
  await fan.post(`/api/live/${id}/join`);
  await fan.post(`/api/live/${id}/gift`, { giftId: 'coffee', quantity: 4 });
  await world.settle();
  return [creator, id];
}
const stop = (id: string) => staff.post(`/api/live/${id}/end`, { reason: 'Sells forgeries' });
const release = (id: string) =>
  staff.post(`/api/admin/live/${id}/release`, { reason: 'They are real' }, { key: nextKey() });
const withdraw = ({ person }: Earner, amount: number) =>
  person.post(
    '/api/wallet/withdrawals',
    { from: 'diamonds', amount, password: PASSWORD },
    { key: nextKey() },
  );
const paid = (id: string) =>
  eventually(
    () => raw('payouts').findOne({ _id: toId(id) }),
    (row) => row?.['status'] === 'paid',
  );

describe('adminLiveRelease', () => {
  test('lets what a stopped stream has earned be paid out, which it was not before', async () => {
    const [creator, id] = await aStream();
    await stop(id);

    const all = await withdraw(creator, 101);
    const others = await withdraw(creator, 100);
    await paid(String(others.body['payout']?.['id']));
    const held = await withdraw(creator, 20);
    const released = await release(id);
    const rest = await withdraw(creator, 20);
    await world.settle();

    expect([all.status, all.body['code'], all.body['current']]).toEqual([
      ...[409, 'earnings_held'],
      { available: 100, held: 20 },
    ]);
    expect(held.body).toMatchObject({ code: 'earnings_held', current: { available: 0, held: 20 } });
    expect(released.body['stream']).toMatchObject({ id, status: 'terminated' });
    expect([others.status, rest.status]).toEqual([201, 201]);
    const deeds = await raw('adminactions')
      .find({ 'target.id': toId(id) })
      .toArray();
    expect(deeds.map(({ action }) => action)).toEqual(['live.stop', 'live.release']);
    expect(await differences(world)).toEqual([]);
  });

  test('is done once, and only where something is held', async () => {
    const [[stopped, id], [, ended]] = [await aStream(), await aStream()];
    await stop(id);
    await stop(ended);
    await release(ended);

    const answers = await Promise.all([release(id), release(id), release(id), release(ended)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect((await withdraw(stopped, 120)).status).toBe(201);
  });
});
