import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantStaff } from '#domain/admin/staff.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { payoutAccountOf, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import {
  aPaidSeller,
  differences,
  type Earner,
  earn,
  fundProvider,
  payoutRow,
  stagesOf,
} from '../../support/payouts.ts';
import { PASSWORD, type Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let ann: Person;
let ben: Person;
beforeAll(async () => {
  world = await startWorld();
  ann = await staffMember(world, ['money.adjust', 'money.read', 'audit.read']);
  ben = await staffMember(world, ['money.adjust']);
  await fundProvider(world, 100_000_000);
  await changeSetting('payouts.approvalOverMinor', 5000);
  await changeSetting('payouts.twoPersonOverMinor', 50_000);
});
afterAll(() => world.stop());

let keys = 0;
async function asked(minor: number): Promise<{ seller: Earner; id: string; status: string }> {
  const seller = await aPaidSeller(world);
  await earn(seller, minor);
  const sent = { key: `p-${++keys}` };
  const { body } = await seller.person.post('/api/seller/payouts', { password: PASSWORD }, sent);
  return {
    seller,
    id: String(body['payout']?.['id']),
    status: String(body['payout']?.['status']),
  };
}
const act = (staff: Person, id: string, action: string, reason = 'Looked into it') =>
  staff.post(`/api/admin/payouts/${id}/actions`, { action, reason }, { key: `a-${++keys}` });
const statusOf = (id: string) => payoutRow(id).then((row) => row?.['status']);
const becomes = (id: string, status: string) =>
  eventually(
    () => statusOf(id),
    (found) => found === status,
  );

describe('adminPayoutAction', () => {
  test('approves what is above the limit, with a reason in the audit trail', async () => {
    const { id, status, seller } = await asked(6000);
    expect(status).toBe('requested');

    const { body } = await act(ann, id, 'approve', 'Known seller');

    expect(body['payout']).toMatchObject({
      ...{ status: 'approved', approvedBy: [ann.id], approvalId: null },
      payee: { type: 'shop', id: seller.payee.id.toHexString() },
    });
    expect(await becomes(id, 'paid')).toBe('paid');
    const { body: trail } = await ann.get(`/api/admin/actions?target=${id}`);
    expect(trail['actions']).toMatchObject([
      { actor: ann.id, action: 'payouts.approve', reason: 'Known seller' },
    ]);
    expect((await act(ann, id, 'approve')).body).toMatchObject({
      code: 'conflict',
      current: 'paid',
    });
  });

  test('asks for two people above the second limit', async () => {
    const { id } = await asked(60_000);

    const first = await act(ann, id, 'approve');
    const again = await act(ann, id, 'approve');
    const second = await act(ben, id, 'approve');

    expect(first.body['payout']).toMatchObject({ status: 'requested', approvedBy: [ann.id] });
    expect(first.body['payout']?.['approvalId']).toBeTruthy();
    expect(again.body['code']).toBe('second_person_required');
    expect(second.body['payout']).toMatchObject({
      status: 'approved',
      approvedBy: [ann.id, ben.id],
    });
    expect(await becomes(id, 'paid')).toBe('paid');
  });

  test('holds, tells the payee, and releases into what the limits say', async () => {
    const large = await asked(7000);
    expect((await act(ann, large.id, 'hold', 'Odd sales')).body['payout']).toMatchObject({
      ...{ status: 'held', hold: 'staff', holdNote: 'Odd sales' },
    });
    await world.settle();
    const { body: inbox } = await large.seller.person.get('/api/notifications');
    expect(JSON.stringify(inbox)).toContain('payout_held');
    expect((await act(ann, large.id, 'release')).body['payout']).toMatchObject({
      ...{ status: 'requested', hold: null },
    });
    await act(ann, large.id, 'hold');
    await changeSetting('payouts.approvalOverMinor', 10_000);
    expect((await act(ben, large.id, 'release')).body['payout']).toMatchObject({
      status: 'approved',
    });
    await changeSetting('payouts.approvalOverMinor', 5000);
    expect(await becomes(large.id, 'paid')).toBe('paid');
    expect((await act(ann, large.id, 'hold')).body).toMatchObject({ current: 'paid' });
  });

  test('cancels and refuses: the money is back, and a refused account must be entered anew', async () => {
    const one = await asked(6000);
    const two = await asked(6000);

    expect((await act(ann, one.id, 'cancel')).body['payout']).toMatchObject({
      status: 'cancelled',
    });
    await act(ann, two.id, 'hold');
    expect((await act(ann, two.id, 'refuse')).body['payout']).toMatchObject({
      status: 'cancelled',
    });

    expect(await stagesOf(one.seller)).toEqual({ available: 6000, inPayout: 0 });
    expect(await stagesOf(two.seller)).toEqual({ available: 6000, inPayout: 0 });
    expect((await payoutAccountOf(one.seller.payee))?.flagged).toBeUndefined();
    expect((await payoutAccountOf(two.seller.payee))?.flagged?.reason).toBe('refused');
    expect((await act(ann, one.id, 'cancel')).body).toMatchObject({ current: 'cancelled' });
    expect(await differences(world)).toEqual([]);
  });

  test('lets nobody approve a payout of their own', async () => {
    const { id, seller } = await asked(6000);
    await grantStaff(toId(seller.person.id), ['money.adjust']);

    expect((await act(seller.person, id, 'approve')).body['code']).toBe('second_person_required');
  });

  test('waits while the books are looked at: what was asked for is held, and so is what was approved', async () => {
    const waiting = await asked(6000);
    await raw('ledgerentries').insertOne({ account: 'fee', debit: 1, credit: 0, journal: 'x:1' });
    const alarmed = await differences(world);
    const late = await asked(2000);
    await raw('ledgerentries').deleteOne({ journal: 'x:1' });

    expect(alarmed).not.toEqual([]);
    expect(await statusOf(waiting.id)).toBe('held');
    expect(late.status).toBe('held');
    expect((await act(ann, late.id, 'approve')).body['code']).toBe('payouts_frozen');
    expect((await act(ann, late.id, 'release')).body['code']).toBe('payouts_frozen');
    await changeSetting('payouts.frozen', false);
    expect(await differences(world)).toEqual([]);
    expect((await act(ann, late.id, 'release')).body['payout']).toMatchObject({
      status: 'approved',
    });
    expect((await act(ann, waiting.id, 'approve')).status).toBe(200);
    expect(await becomes(late.id, 'paid')).toBe('paid');
  });

  test('is held against the books by the audit', async () => {
    const { id } = await asked(6000);
    const put = (amountMinor: number) =>
      raw('payouts').updateOne({ _id: toId(id) }, { $set: { amountMinor } });
    await put(6001);
    const found = await differences(world);
    await put(6000);
    await changeSetting('payouts.frozen', false);

    expect(found).toEqual([{ kind: 'payout', subject: id, expected: '6001', found: '6000' }]);
    expect(await differences(world)).toEqual([]);
  });

  test('goes on paying who has entered another account since', async () => {
    const { id, seller } = await asked(6000);
    await savePayoutAccount(seller.payee, { ref: 'ba_other', label: 'Other' }, world.now());
    await act(ann, id, 'refuse');

    expect((await payoutAccountOf(seller.payee))?.flagged).toBeUndefined();
  });
});

describe('adminPayouts', () => {
  test('lists payouts newest first, all of them or those in one state', async () => {
    const { id } = await asked(6000);

    const all = await ann.get('/api/admin/payouts?limit=3');
    const waiting = await ann.get('/api/admin/payouts?status=requested');

    expect(all.body['payouts']?.at(0)).toMatchObject({ id, status: 'requested' });
    expect(new Set(waiting.body['payouts']?.map(({ status }) => status))).toEqual(
      new Set(['requested']),
    );
    expect((await ben.get('/api/admin/payouts')).status).toBe(403);
  });
});
