import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantStaff } from '#domain/admin/staff.ts';
import { toId } from '#platform/id.ts';
import type { Answer } from '../../support/caller.ts';
import { aPaidCreator, aPaidSeller, differences, earn, stagesOf } from '../../support/payouts.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';

let world: World;
let ann: Person;
let ben: Person;
beforeAll(async () => {
  world = await startWorld();
  ann = await staffMember(world, ['money.adjust', 'audit.read']);
  ben = await staffMember(world, ['money.adjust']);
});
afterAll(() => world.stop());

let keys = 0;
const adjust = (staff: Person, body: object) =>
  staff.post('/api/admin/wallet/adjustments', body, { key: `adjust-${++keys}` });
const idOf = ({ body }: Answer) => String(body['adjustment']?.['approvalId']);
const wallet = (person: Person) => person.get('/api/wallet/balance').then(({ body }) => body);

describe('adminAdjust', () => {
  test('moves nothing until a second person approves, and tells whose money it is', async () => {
    const alice = await world.person('alice');
    const wish = { target: 'wallet', id: alice.id, amount: 500, currency: 'USD', reason: 'Sorry' };

    const proposed = await adjust(ann, wish);
    const before = await wallet(alice);
    const own = await adjust(ann, { approvalId: idOf(proposed) });
    const posted = await adjust(ben, { approvalId: idOf(proposed) });
    const again = await adjust(ben, { approvalId: idOf(proposed) });
    await world.settle();

    expect([proposed.status, proposed.body['adjustment']?.['status']]).toEqual([201, 'proposed']);
    expect(before['balance']).toBe(0);
    expect(own.body['code']).toBe('second_person_required');
    expect(posted.body['adjustment']).toMatchObject({ status: 'posted', amount: 500 });
    expect(again.status).toBe(409);
    expect((await wallet(alice))['balance']).toBe(500);
    const { body } = await alice.get('/api/wallet/transactions');
    expect(body['transactions']).toMatchObject([{ type: 'adjustment', amount: 500 }]);
    const { body: inbox } = await alice.get('/api/notifications');
    expect(JSON.stringify(inbox)).toContain('wallet_adjusted');
    expect((await world.realtime(`user:${alice.id}`)).map(({ name }) => name)).toContain(
      'wallet:update',
    );
    const { body: trail } = await ann.get(`/api/admin/actions?target=${alice.id}`);
    expect(trail['actions']).toMatchObject([
      { action: 'money.adjust.approve', actor: ben.id, reason: 'Sorry' },
      { action: 'money.adjust.propose', actor: ann.id, reason: 'Sorry' },
    ]);
    expect(await differences(world)).toEqual([]);
  });

  test.each([
    ['COIN', 'coins'],
    ['DIA', 'diamonds'],
  ])('gives and takes %s', async (currency, field) => {
    const bob = await world.person('bob');
    const wish = { target: 'wallet', id: bob.id, currency, reason: 'Miscounted' };

    await adjust(ben, { approvalId: idOf(await adjust(ann, { ...wish, amount: 30 })) });
    await adjust(ben, { approvalId: idOf(await adjust(ann, { ...wish, amount: -10 })) });

    expect((await wallet(bob))[field]).toBe(20);
  });

  test('takes from a wallet only what is there, and can be approved again once it is', async () => {
    const carol = await world.person('carol');
    const wish = { target: 'wallet', id: carol.id, amount: -300, currency: 'USD', reason: 'Theft' };
    const approvalId = idOf(await adjust(ann, wish));

    expect((await adjust(ben, { approvalId })).status).toBe(402);
    await giveCash(carol.id, 1000);
    expect((await adjust(ben, { approvalId })).status).toBe(201);
    expect((await wallet(carol))['balance']).toBe(700);
  });

  test('puts right what shops and creators have available, below zero too', async () => {
    const seller = await aPaidSeller(world);
    const creator = await aPaidCreator(world);
    await earn(creator, 1000);
    const wish = { currency: 'USD', reason: 'Penalty' };
    const of = ({ payee: { id } }: typeof seller) => id.toHexString();

    await adjust(ben, {
      approvalId: idOf(
        await adjust(ann, { ...wish, target: 'shop', id: of(seller), amount: -200 }),
      ),
    });
    await adjust(ben, {
      approvalId: idOf(
        await adjust(ann, { ...wish, target: 'creator', id: of(creator), amount: 50 }),
      ),
    });

    expect(await stagesOf(seller)).toEqual({ available: -200, inPayout: 0 });
    expect(await stagesOf(creator)).toEqual({ available: 1050, inPayout: 0 });
    expect(await differences(world)).toEqual([]);
  });

  test('refuses one’s own money, nobody’s, and currencies that do not fit', async () => {
    const dave = await world.person('dave');
    const wish = { target: 'wallet', id: dave.id, amount: 1, currency: 'USD', reason: 'Because' };
    const approvalId = idOf(await adjust(ann, wish));
    await grantStaff(toId(dave.id), ['money.adjust']);

    expect((await adjust(dave, wish)).body['code']).toBe('second_person_required');
    expect((await adjust(dave, { approvalId })).body['code']).toBe('second_person_required');
    expect((await adjust(ann, { ...wish, currency: 'EUR' })).body['field']).toBe('currency');
    expect((await adjust(ann, { ...wish, target: 'shop' })).status).toBe(404);
    expect((await adjust(ann, { ...wish, target: 'creator', currency: 'DIA' })).status).toBe(400);
    expect((await adjust(ann, { ...wish, amount: 0 })).status).toBe(400);
    expect((await adjust(ann, { approvalId: dave.id })).status).toBe(404);
    expect((await dave.post('/api/admin/wallet/adjustments', wish)).status).toBe(400);
  });
});
