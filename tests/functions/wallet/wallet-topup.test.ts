import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { giveUp } from '#domain/orders/provider-truth.ts';
import { days, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import { type Person, signInAgain } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf, statementOf } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await outage('none');
  await webhooks('deliver');
});
afterAll(() => world.stop());

const webhooks = (mode: 'deliver' | 'hold' | 'twice') =>
  world.payments('POST', 'webhooks', { mode });
const flush = () => world.payments('POST', 'webhooks/flush');
const outage = (mode: 'none' | 'before' | 'after') => world.payments('POST', 'outage', { mode });
const topUp = (who: Person, key: string, paymentMethod = 'pm_card_visa', amount = 500) =>
  who.post('/api/wallet/topup', { amount, paymentMethod }, { key });
const deliveries = async (): Promise<string> => {
  const response = await fetch(`${process.env['STRIPE_API_BASE']}/_local/webhooks`, {
    headers: { authorization: `Bearer ${process.env['STRIPE_SECRET_KEY']}` },
  });
  return response.text();
};
const hasCash = (who: Person, amount: number) =>
  eventually(
    () => balanceOf(who),
    (balance) => balance === amount,
  );
/** What was paid once is still paid once when all notices have been taken. */
async function staysAt(who: Person, amount: number): Promise<void> {
  await webhooks('deliver');
  await flush();
  await eventually(deliveries, (seen) => !seen.includes('"due"'));
  await world.settle();
  expect(await balanceOf(who)).toBe(amount);
  const { differences } = await audit(world.now(), new Date(world.now().getTime() + minutes(2)));
  expect(differences).toEqual([]);
}

describe('walletTopup', () => {
  test('credits the wallet when the provider says so, and not before', async () => {
    const alice = await world.person('alice');
    await webhooks('hold');

    const { status, body } = await topUp(alice, 'first');

    expect(status).toBe(201);
    expect(body).toMatchObject({
      transaction: { type: 'topup', direction: 'in', amount: 500, status: 'pending' },
      payment: { amount: 500, currency: 'USD' },
    });
    expect(await balanceOf(alice)).toBe(0);
    await webhooks('deliver');
    await flush();
    expect(await hasCash(alice, 500)).toBe(500);
    await world.settle();
    expect(await statementOf(alice)).toMatchObject([
      { id: body['transaction']?.['id'], status: 'completed', balanceAfter: 500 },
    ]);
    expect(await world.realtime(`user:${alice.id}`)).toContainEqual(
      expect.objectContaining({
        name: 'wallet:update',
        data: expect.objectContaining({ balance: 500 }),
      }),
    );
    await staysAt(alice, 500);
  });

  test('credits once when every notice comes twice', async () => {
    const alice = await world.person('alice');
    await webhooks('twice');

    await topUp(alice, 'twice');
    await topUp(alice, 'at-once', 'pm_card_mastercard', 70);

    expect(await hasCash(alice, 570)).toBe(570);
    await staysAt(alice, 570);
  });

  test('answers a repeat with the same bytes, and refuses the key for anything else', async () => {
    const alice = await world.person('alice');

    const answers = await Promise.all([topUp(alice, 'tap'), topUp(alice, 'tap')]);
    const again = await topUp(alice, 'tap');

    const good = answers.find(({ status }) => status === 201);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(good?.body));
    expect((await topUp(alice, 'tap', 'pm_card_visa', 501)).status).toBe(422);
    expect(await hasCash(alice, 500)).toBe(500);
    await staysAt(alice, 500);
  });

  test('says that a card was declined, keeps the payment and credits nothing', async () => {
    const alice = await world.person('alice');

    const declined = await topUp(alice, 'bad', 'pm_card_chargeDeclinedInsufficientFunds');
    const again = await topUp(alice, 'bad', 'pm_card_chargeDeclinedInsufficientFunds');
    const other = await topUp(alice, 'bad', 'pm_card_visa');

    expect(declined.status).toBe(402);
    expect(declined.body).toMatchObject({ error: 'Payment declined', code: 'payment_declined' });
    expect([again.status, other.status]).toEqual([402, 422]);
    expect(await statementOf(alice)).toMatchObject([{ type: 'topup', status: 'failed' }]);
    expect(
      await raw('payments')
        .find({ payer: toId(alice.id) })
        .toArray(),
    ).toMatchObject([{ status: 'failed', failureCode: 'insufficient_funds' }]);
    await staysAt(alice, 0);
  });

  test('refuses a card that the provider does not know', async () => {
    const alice = await world.person('alice');

    expect((await topUp(alice, 'unknown', 'pm_nobody')).body['code']).toBe('payment_declined');
  });

  test('credits what the provider took although its answer was lost', async () => {
    const alice = await world.person('alice');
    await outage('after');

    const lost = await topUp(alice, 'lost');
    await outage('none');

    expect(lost.status).toBe(503);
    expect(await hasCash(alice, 500)).toBe(500);
    expect((await topUp(alice, 'lost')).status).toBe(201);
    await staysAt(alice, 500);
  });

  test('goes on with the same payment when the provider was away', async () => {
    const alice = await world.person('alice');
    await outage('before');
    expect((await topUp(alice, 'away')).status).toBe(503);
    await outage('none');

    expect((await topUp(alice, 'away')).status).toBe(201);

    expect(await hasCash(alice, 500)).toBe(500);
    expect(await raw('payments').countDocuments({ payer: toId(alice.id) })).toBe(1);
    await staysAt(alice, 500);
  });

  test('shows what the payer has to do, and credits when they have done it', async () => {
    const alice = await world.person('alice');

    const { body } = await topUp(alice, 'ask', 'pm_card_authenticationRequired');

    expect(body['payment']).toMatchObject({
      status: 'requires_action',
      clientAction: { type: 'authenticate', clientSecret: expect.stringContaining('pi_') },
    });
    await authenticate(String(body['payment']?.['id']));
    expect(await hasCash(alice, 500)).toBe(500);
    await staysAt(alice, 500);
  });

  test('takes money that comes after the payment was given up', async () => {
    const alice = await world.person('alice');
    const { body } = await topUp(alice, 'late', 'pm_card_authenticationRequired');
    const paymentId = String(body['payment']?.['id']);
    await giveUp(toId<'payment'>(paymentId), 'expired', world.now());
    expect(await statementOf(alice)).toMatchObject([{ status: 'failed' }]);

    await authenticate(paymentId);

    expect(await hasCash(alice, 500)).toBe(500);
    expect(await statementOf(alice)).toMatchObject([{ status: 'completed' }]);
    await staysAt(alice, 500);
  });
});

async function authenticate(paymentId: string): Promise<void> {
  const payment = await raw('payments').findOne({ _id: toId(paymentId) });
  await world.payments('POST', `payment_intents/${payment?.['providerRef']}/authenticate`, {});
}

describe('reconcilePayments', () => {
  test('finishes what neither answer nor notice told of', async () => {
    const alice = await world.person('alice');
    const bob = await world.person('bob');
    await webhooks('hold');
    await outage('after');
    expect((await topUp(alice, 'silent')).status).toBe(503);
    await outage('none');
    expect((await topUp(bob, 'silent')).status).toBe(201);
    const paid = (seen: string) =>
      (JSON.parse(seen) as { deliveries: { type: string; state: string }[] }).deliveries.filter(
        ({ type, state }) => type === 'payment_intent.succeeded' && state === 'held',
      );
    await eventually(deliveries, (seen) => paid(seen).length === 2);

    world.advance(minutes(6));
    expect(await world.runJob('reconcilePayments')).toBe(200);

    expect(await balanceOf(alice)).toBe(500);
    expect(await balanceOf(bob)).toBe(500);
    await staysAt(alice, 500);
    await staysAt(bob, 500);
  });

  test('takes money of which nobody heard for a day', async () => {
    const alice = await world.person('alice');
    await webhooks('hold');
    await outage('after');
    expect((await topUp(alice, 'forgotten', 'pm_card_mastercard')).status).toBe(503);
    await outage('none');

    world.advance(days(1) + minutes(1));
    await world.runJob('reconcilePayments');

    await signInAgain(world, alice);
    expect(await balanceOf(alice)).toBe(500);
    await staysAt(alice, 500);
  });

  test('gives up what was not paid in a day, at the provider and here', async () => {
    const alice = await world.person('alice');
    const { body } = await topUp(alice, 'never', 'pm_card_authenticationRequired');

    world.advance(days(1) + minutes(1));
    await world.runJob('reconcilePayments');

    const payment = await raw('payments').findOne({ _id: toId(String(body['payment']?.['id'])) });
    expect(payment?.['status']).toBe('cancelled');
    const line = await raw('transactions').findOne({ 'ref.id': payment?._id });
    expect(line?.['status']).toBe('failed');
  });
});
