import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { payoutAccountOf } from '#domain/wallet/payout-accounts.ts';
import { followPayout, sendPayout } from '#domain/wallet/send-payout.ts';
import { days, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { createPayout } from '#platform/payouts.ts';
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
import { PASSWORD } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
  await world.payments('PUT', `accounts/${process.env['STRIPE_SECRET_KEY']}`, {});
});
beforeEach(() => fundProvider(world, 5000));
afterEach(() => world.payments('POST', 'outage', { mode: 'none' }));
afterAll(() => world.stop());

/** A payout that is approved and of which nobody has heard. */
async function approved(ref?: string): Promise<{ seller: Earner; id: string }> {
  const seller = await aPaidSeller(world, ref);
  await earn(seller, 5000);
  const sent = { key: seller.person.id };
  const { body } = await seller.person.post('/api/seller/payouts', { password: PASSWORD }, sent);
  expect(body['payout']?.['status']).toBe('approved');
  return { seller, id: String(body['payout']?.['id']) };
}
const send = (id: string) => sendPayout(toId(id), world.now());
const reconcile = async () => {
  world.advance(minutes(6));
  expect(await world.runJob('reconcilePayouts')).toBe(200);
};
const statusOf = async (id: string) => (await payoutRow(id))?.['status'];
/** Until the provider's own clock has settled it. */
const pursued = (id: string, status: string) =>
  eventually(
    async () => {
      await send(id);
      return statusOf(id);
    },
    (found) => found === status,
  );
async function sentFor(id: string): Promise<number> {
  const response = await fetch(`${process.env['STRIPE_API_BASE']}/v1/payouts?limit=100`, {
    headers: { authorization: `Bearer ${process.env['STRIPE_SECRET_KEY']}` },
  });
  const { data } = (await response.json()) as {
    readonly data: readonly { readonly metadata: { readonly payoutId?: string } }[];
  };
  return data.filter(({ metadata }) => metadata.payoutId === id).length;
}

describe('a payout on its way', () => {
  test('is taken up by the job when its event is lost', async () => {
    const { id } = await approved();

    await reconcile();
    expect(await statusOf(id)).toBe('processing');
    expect(await pursued(id, 'paid')).toBe('paid');
    expect(await sentFor(id)).toBe(1);
  });

  test.each(['before', 'after'] as const)(
    'is sent once when the provider fails %s it was sent',
    async (mode) => {
      const { id, seller } = await approved();
      await world.payments('POST', 'outage', { mode });
      await expect(send(id)).rejects.toThrow('not available');
      expect(await statusOf(id)).toBe('processing');
      expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 5000 });
      await world.payments('POST', 'outage', { mode: 'none' });

      await reconcile();

      expect(await pursued(id, 'paid')).toBe('paid');
      expect(await sentFor(id)).toBe(1);
      expect(await stagesOf(seller)).toEqual({ available: 0, inPayout: 0 });
      expect(await differences(world)).toEqual([]);
    },
  );

  test('is sent once when five begin to send it', async () => {
    const { id } = await approved();

    await Promise.all([1, 2, 3, 4, 5].map(() => send(id)));

    expect(await pursued(id, 'paid')).toBe('paid');
    expect(await sentFor(id)).toBe(1);
  });

  test('waits while our own account with the provider is empty, and blames nobody', async () => {
    await fundProvider(world, 1);
    const first = await approved();
    await pursued(first.id, 'paid');
    const { id, seller } = await approved();
    for (let spent = false; !spent; ) spent = await spendAll();

    await send(id);
    await Promise.all([send(id), send(id)]);
    const refused = await payoutRow(id);
    await fundProvider(world, 10_000);

    expect([refused?.['status'], refused?.['attempts'].length]).toEqual(['processing', 2]);
    expect(refused?.['attempts']).toMatchObject([
      { refused: 'balance_insufficient' },
      { refused: 'balance_insufficient' },
    ]);
    expect(await pursued(id, 'paid')).toBe('paid');
    expect(await sentFor(id)).toBe(1);
    expect((await payoutAccountOf(seller.payee))?.flagged).toBeUndefined();
  });

  test('is given up after two days of refusals, and the account stays good', async () => {
    const { id, seller } = await approved();
    for (let spent = false; !spent; ) spent = await spendAll();
    await send(id);
    const attempts = Array.from({ length: 192 }, () => ({
      ...{ at: world.now(), refused: 'balance_insufficient' },
    }));
    await raw('payouts').updateOne({ _id: toId(id) }, { $set: { attempts } });

    await send(id);

    expect(await payoutRow(id)).toMatchObject({
      ...{ status: 'failed', failureCode: 'balance_insufficient' },
    });
    expect(await stagesOf(seller)).toEqual({ available: 5000, inPayout: 0 });
    expect((await payoutAccountOf(seller.payee))?.flagged).toBeUndefined();
  });

  test('is held instead of sent when the books are being looked at', async () => {
    const { id } = await approved();
    await changeSetting('payouts.frozen', true);

    await send(id);
    await changeSetting('payouts.frozen', false);

    expect(await payoutRow(id)).toMatchObject({ status: 'held', hold: { reason: 'frozen' } });
    expect(await sentFor(id)).toBe(0);
  });

  test('does not move on news of another sum', async () => {
    const { id } = await approved();
    await send(id);
    const by = (amountMinor: number) =>
      raw('payouts').updateOne({ _id: toId(id) }, { $set: { amountMinor } });

    await by(5001);
    await send(id);
    expect(await statusOf(id)).toBe('processing');
    await by(5000);
    expect(await pursued(id, 'paid')).toBe('paid');
  });

  test('is found by its own id when the notice is faster than the answer', async () => {
    const { id } = await approved();
    await send(id);
    const ref = String((await payoutRow(id))?.['providerRef']);
    await raw('payouts').updateOne({ _id: toId(id) }, { $unset: { providerRef: 1 } });

    const noticed = await eventually(
      async () => {
        await followPayout(ref, world.now());
        return statusOf(id);
      },
      (status) => status === 'paid',
    );
    await followPayout(ref, world.now());

    expect([noticed, await statusOf(id)]).toEqual(['paid', 'paid']);
  });

  test('is noticed to have come back though no notice came, and forgotten after two weeks', async () => {
    const [back, kept] = [await approved(), await approved()];
    await fundProvider(world, 5000);
    for (const { id } of [back, kept]) expect(await pursued(id, 'paid')).toBe('paid');
    const ref = String((await payoutRow(back.id))?.['providerRef']);
    await world.payments('POST', `payouts/${ref}/return`, { code: 'account_closed' });

    await reconcile();
    expect(await statusOf(back.id)).toBe('paid');
    world.advance(days(1));
    await reconcile();

    expect(await statusOf(back.id)).toBe('returned');
    expect(await stagesOf(back.seller)).toEqual({ available: 5000, inPayout: 0 });
    expect((await payoutRow(kept.id))?.['recheckAt']).toBeTruthy();
    world.advance(days(13));
    await reconcile();
    expect(await payoutRow(kept.id)).toMatchObject({ status: 'paid' });
    expect((await payoutRow(kept.id))?.['recheckAt']).toBeUndefined();
    expect(await differences(world)).toEqual([]);
  });

  test('of somebody else is passed over', async () => {
    const order = { amountMinor: 100, currency: 'USD', destination: 'ba_x' };
    const strange = await createPayout({ ...order, payoutId: 'x', key: 'strange' });
    const unknown = { ...order, payoutId: 'f'.repeat(24), key: 'unknown' };
    const { payoutRef } = await createPayout(unknown);

    await followPayout(strange.payoutRef, world.now());
    await followPayout(payoutRef, world.now());

    expect(await raw('payouts').countDocuments({ providerRef: payoutRef })).toBe(0);
  });
});

/** Empties our account with the provider; true once there is less than a payout of these tests. */
async function spendAll(): Promise<boolean> {
  const order = { amountMinor: 5000, currency: 'USD', destination: 'ba_x', payoutId: 'x' };
  const key = `spend-${Math.random()}`;
  return createPayout({ ...order, key }).then(
    () => false,
    () => true,
  );
}
