import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { grantStaff } from '#domain/admin/staff.ts';
import { audit } from '#domain/orders/audit.ts';
import { changeSetting, setting } from '#domain/system/settings.ts';
import { setRole } from '#domain/users/users.ts';
import { cashOf } from '#domain/wallet/accounts.ts';
import { auditLedger } from '#domain/wallet/audit.ts';
import { settle } from '#domain/wallet/settle.ts';
import { transfer } from '#domain/wallet/transfer.ts';
import { minutes, seconds } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { giveCash } from '../../functions/wallet/money.ts';
import type { Answer } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { emptyBooks, raw } from './books.ts';

let world: World;
let alice: Person;
let bob: Person;
const user = () => toId<'user'>(alice.id);
const soon = () => new Date(Date.now() + minutes(2));
const now = () => new Date();
const prove = () => audit(now(), soon());
const nothing = { differences: [], read: 0, complete: true };
/** As an audit in a few minutes will: everything there is becomes history. */
const proveAndSealAll = () =>
  auditLedger({
    now: now(),
    deadline: soon(),
    payments: async () => nothing,
    sealAfterMs: -seconds(2),
  });

beforeAll(async () => {
  world = await startWorld({ background: false });
  alice = await world.person('alice');
  bob = await world.person('bob');
});
beforeEach(async () => {
  await emptyBooks();
  await changeSetting('payouts.frozen', false);
  await giveCash(alice.id, 1000);
  await transfer({ from: user(), to: bob.id, amountMinor: 300 }, now());
  expect((await prove()).differences).toEqual([]);
});
afterAll(() => world.stop());

describe('the audit', () => {
  test('finds books in order that are, however often it looks', async () => {
    await settle(toId<'user'>(bob.id), now());

    expect(await prove()).toMatchObject({
      balanced: true,
      complete: true,
      entries: 4,
      journals: 2,
    });
    expect(await proveAndSealAll()).toMatchObject({ balanced: true });
    expect(await prove()).toMatchObject({ balanced: true });
    expect(await setting('payouts.frozen')).toBe(false);
  });

  test('finds an entry that was changed, and freezes payouts', async () => {
    await raw('ledgerentries').updateOne({ account: cashOf(user()) }, { $inc: { credit: 1 } });

    const proof = await prove();

    expect(proof.balanced).toBe(false);
    expect(proof.differences.map(({ kind }) => kind)).toContain('entry');
    expect(await setting('payouts.frozen')).toBe(true);
  });

  test('finds a journal that was taken away', async () => {
    await raw('ledgerentries').deleteMany({ journal: /^transfer:/ });

    const { differences } = await prove();

    expect(differences).toContainEqual({
      kind: 'wallet',
      subject: `${cashOf(user())}/USD`,
      expected: '1000',
      found: '700',
    });
  });

  test('finds half a journal', async () => {
    await raw('ledgerentries').deleteOne({ journal: /^transfer:/, seq: 1 });

    expect((await prove()).differences.map(({ kind }) => kind)).toContain('journal');
  });

  test('finds history that was rewritten together with all that depends on it, ever after', async () => {
    await proveAndSealAll();
    await raw('ledgerentries').deleteMany({ journal: /^transfer:/ });
    await raw('transactions').deleteMany({ type: 'transfer' });
    await raw('wallets').updateOne({ user: user() }, { $set: { cashMinor: 1000 } });

    const kinds = (await prove()).differences.map(({ kind }) => kind);

    expect(kinds).toEqual(['history']);
    expect((await proveAndSealAll()).differences.map(({ kind }) => kind)).toEqual(['history']);
    expect((await prove()).balanced).toBe(false);
  });

  test('finds an entry that was smuggled into history', async () => {
    await proveAndSealAll();
    const old = await raw('ledgerentries').findOne({ journal: /^payment:/, seq: 0 });
    await raw('ledgerentries').insertOne({
      ...old,
      _id: toId('000000010000000000000000'),
      journal: 'payment:000000010000000000000000',
    });

    expect((await prove()).differences.map(({ kind }) => kind)).toContain('history');
  });

  test('finds a seal that was taken away or changed', async () => {
    await proveAndSealAll();
    await prove();
    await raw('ledgerentries').deleteOne({ journal: 'seal:00000001' });

    expect((await prove()).differences.map(({ kind }) => kind)).toContain('history');
  });

  test('finds a wallet that was altered by hand, and one that is gone', async () => {
    await raw('wallets').updateOne({ user: user() }, { $inc: { cashMinor: 5 } });
    const altered = await prove();
    const [kept] = await raw('wallets').find({ user: user() }).toArray();
    await raw('wallets').deleteOne({ user: user() });
    const gone = await prove();
    await raw('wallets').insertOne(kept as never);

    expect(altered.differences).toContainEqual({
      kind: 'wallet',
      subject: `${cashOf(user())}/USD`,
      expected: '700',
      found: '705',
    });
    expect(gone.differences.map(({ kind }) => kind)).toEqual(['wallets']);
  });

  test('finds a payment that is captured but not in the books', async () => {
    await raw('payments').updateOne({}, { $inc: { capturedMinor: 1 } });

    expect((await prove()).differences).toMatchObject([
      { kind: 'payment', expected: '1001', found: '1000' },
    ]);
  });
});

describe('adminLedgerAudit', () => {
  test('shows staff the latest proof, and proves anew when asked', async () => {
    const staff = await world.person('auditor');
    await grantStaff(toId<'user'>(staff.id), ['money.read']);
    await setRole(toId<'user'>(staff.id), 'admin');
    await raw('wallets').updateOne({ user: user() }, { $inc: { cashMinor: 5 } });

    const before = await staff.get('/api/admin/ledger/audit');
    const run = await staff.get('/api/admin/ledger/audit?run=1');

    expect(before.body).toMatchObject({ proof: { balanced: true }, frozen: false });
    expect(run.body).toMatchObject({ proof: { balanced: false }, frozen: true });
    const count = ({ body }: Answer) => (body['proofs'] as unknown as unknown[]).length;
    expect(count(run)).toBe(count(before) + 1);
    expect((await alice.get('/api/admin/ledger/audit?run=1')).status).toBe(403);
  });
});
