import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { payoutAccountOf, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import {
  aPaidSeller,
  differences,
  type Earner,
  earn,
  fundProvider,
  payoutBecomes,
  stagesOf,
  withAccount,
} from '../../support/payouts.ts';
import { PASSWORD } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { withAuthenticator } from '../auth/authenticator.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await fundProvider(world, 10_000_000);
});
afterAll(() => world.stop());

let keys = 0;
const ask = ({ person }: Earner, body: object = {}, key = `payout-${++keys}`) =>
  person.post('/api/seller/payouts', { password: PASSWORD, ...body }, { key });
const shown = async ({ person }: Earner) => (await person.get('/api/seller/payouts')).body;
const toldAbout = async ({ person }: Earner): Promise<string[]> => {
  const { body } = await person.get('/api/notifications');
  return body['notifications']
    ?.map(({ type }) => String(type))
    .filter((type) => type.startsWith('payout_')) as string[];
};

describe('sellerPayoutRequest', () => {
  test('pays out all that is available, and shows every step of it', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 5000);

    const { status, body } = await ask(seller);
    const id = String(body['payout']?.['id']);

    expect(status).toBe(201);
    expect(body['payout']).toMatchObject({
      ...{ status: 'approved', amount: 5000, currency: 'USD', account: 'DE •• 4321' },
      ...{ items: [{ source: 'sales', amount: 5000, diamonds: null }], hold: null },
    });
    expect(await payoutBecomes(id, 'paid')).toMatchObject({
      status: 'paid',
      providerRef: expect.stringMatching(/^po_/),
      timeline: [
        { status: 'requested' },
        { status: 'approved' },
        { status: 'processing' },
        { status: 'paid' },
      ],
    });
    await world.settle();
    expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 0 });
    expect(await shown(seller)).toMatchObject({
      earnings: { currency: 'USD', pending: 0, available: 0, inPayout: 0 },
      account: { label: 'DE •• 4321', schedule: 'manual' },
      payouts: [{ id, status: 'paid' }],
      lines: [
        { amount: -5000, currency: 'USD', event: { type: 'payout', id } },
        { amount: 5000, event: { type: 'test' } },
      ],
      nextCursor: null,
    });
    expect(await toldAbout(seller)).toEqual(['payout_paid']);
    expect(await differences(world)).toEqual([]);
  });

  test('pages through the statement of each stage', async () => {
    const seller = await aPaidSeller(world);
    for (const minor of [100, 200, 300]) await earn(seller, minor);
    const page = (more = '') => seller.person.get(`/api/seller/payouts?limit=2${more}`);

    const first = await page();
    const second = await page(`&cursor=${String(first.body['nextCursor'])}`);

    expect(first.body['lines']).toMatchObject([{ amount: 300 }, { amount: 200 }]);
    expect(second.body['lines']).toMatchObject([{ amount: 100 }]);
    expect((await page('&share=in_payout')).body['lines']).toEqual([]);
  });

  test('pays once, whether a request is repeated or five come at once', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 9000);
    await changeSetting('payouts.approvalOverMinor', 1000);

    const five = await Promise.all([1, 2, 3, 4, 5].map((at) => ask(seller, {}, `five-${at}`)));
    const winner = five.findIndex(({ status }) => status === 201);
    const again = await ask(seller, {}, `five-${winner + 1}`);
    await changeSetting('payouts.approvalOverMinor', 500_000);

    expect(five.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const refused = five.filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ body }) => body['code']))).toEqual(new Set(['payout_open']));
    expect(again.body).toEqual(five[winner]?.body);
    expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 9000 });
    expect(await differences(world)).toEqual([]);
  });

  test('asks for the password or a code, and for an amount that is there', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 5000);
    const { freshCode } = await withAuthenticator(world, seller.person);

    const wrong = await ask(seller, { password: 'Wrong-Password1!' });
    const none = await seller.person.post('/api/seller/payouts', {}, { key: 'no-secret' });
    const tooMuch = await ask(seller, { amount: 5001 });
    const tooLittle = await ask(seller, { amount: 999 });
    const right = await seller.person.post(
      '/api/seller/payouts',
      { amount: 1000, code: freshCode() },
      { key: 'with-code' },
    );

    expect([wrong, none].map(({ body }) => body['code'])).toEqual([
      'confirmation_failed',
      'confirmation_failed',
    ]);
    expect(tooMuch.status).toBe(402);
    expect(tooLittle.body).toMatchObject({
      code: 'below_minimum',
      current: { minimumMinor: 1000, available: 5000 },
    });
    expect(right.status).toBe(201);
    expect((await seller.person.post('/api/seller/payouts', {})).status).toBe(400);
  });

  test('asks for many wrong passwords no longer', async () => {
    const seller = await aPaidSeller(world);
    const guesses = [];
    for (let at = 0; at < 12; at += 1)
      guesses.push((await ask(seller, { password: 'Wrong-Password1!' })).status);

    expect(guesses).toContain(429);
  });

  test('wants a shop, a known identity, and an account that is old enough and in order', async () => {
    const owner = await world.person('seller');
    const { id } = await aShop(world, owner);
    const payee = { type: 'shop', id: (await aPaidSeller(world)).payee.id } as const;
    const unknown = await owner.post('/api/seller/payouts', { password: PASSWORD }, { key: 'who' });
    const seller = await aPaidSeller(world);
    await earn(seller, 5000);

    await savePayoutAccount(seller.payee, { ref: 'ba_new', label: 'New' }, world.now());
    const early = await ask(seller);
    await changeSetting('payouts.accountAgeHours', 0);
    const late = await ask(seller);
    await changeSetting('payouts.accountAgeHours', 48);
    const nobody = await (await world.person('buyer')).get('/api/seller/payouts');

    expect(id).not.toBe(payee.id.toHexString());
    expect(unknown.body['code']).toBe('identity_not_verified');
    expect(early.body).toMatchObject({ code: 'payout_account_not_ready', current: 'new' });
    expect(late.status).toBe(201);
    expect(nobody.status).toBe(403);
  });

  test('nets what is owed, and pays nothing while more is owed than earned', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 3000);
    await earn(seller, -4000);

    const owing = await ask(seller);
    await earn(seller, 5000);
    const { body } = await ask(seller);

    expect(owing.body).toMatchObject({ code: 'below_minimum', current: { available: -1000 } });
    expect(body['payout']?.['amount']).toBe(4000);
  });

  test('lets a refund take what a payout leaves, so that the next one pays less', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 5000);

    const [{ status }] = await Promise.all([ask(seller), earn(seller, -2000)]);
    await world.settle();
    const { available } = await stagesOf(seller);
    await earn(seller, 3500);
    const next = await ask(seller);

    expect(status).toBe(201);
    expect([-2000, 0]).toContain(available);
    expect(next.body['payout']?.['amount'] ?? 0).toBe(3500 + available);
    await world.settle();
    expect(await differences(world)).toEqual([]);
  });
});

describe('what becomes of a payout', () => {
  test('fails when the bank account is closed: the money is back and the account must be entered anew', async () => {
    const seller = await aPaidSeller(world, 'ba_account_closed');
    await earn(seller, 5000);

    const { body } = await ask(seller);
    const id = String(body['payout']?.['id']);
    await payoutBecomes(id, 'failed');
    const again = await ask(seller);

    expect(await stagesOf(seller)).toEqual({ available: 5000, inPayout: 0 });
    expect((await payoutAccountOf(seller.payee))?.flagged?.reason).toBe('account_closed');
    expect(again.body).toMatchObject({ code: 'payout_account_not_ready', current: 'flagged' });
    expect((await shown(seller))['account']).toMatchObject({ usableAt: null });
    await withAccount(seller.payee);
    expect((await ask(seller)).status).toBe(201);
  });

  test('returns when the bank sends it back after all (G10): restored, flagged, proven', async () => {
    const seller = await aPaidSeller(world);
    await earn(seller, 7000);
    const { body } = await ask(seller);
    const id = String(body['payout']?.['id']);
    const paid = await payoutBecomes(id, 'paid');

    await world.payments('POST', `payouts/${String(paid?.['providerRef'])}/return`, {
      code: 'account_closed',
    });
    const returned = await payoutBecomes(id, 'returned');
    await world.settle();

    expect(returned).toMatchObject({ failureCode: 'account_closed' });
    expect(await stagesOf(seller)).toEqual({ available: 7000, inPayout: 0 });
    expect((await payoutAccountOf(seller.payee))?.flagged?.reason).toBe('account_closed');
    expect(await toldAbout(seller)).toEqual(['payout_failed', 'payout_paid']);
    expect(await differences(world)).toEqual([]);
  });
});
