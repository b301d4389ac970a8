import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startStripe } from '#local/stripe/engine.ts';
import { aPlace, until } from '../ably/place.ts';
import { aReceiver, stripeClient } from './receiver.ts';

let receiver: Awaited<ReturnType<typeof aReceiver>>;
let place: ReturnType<typeof aPlace>;
let engine: Engine;
let stripe: Stripe;

beforeAll(async () => {
  receiver = await aReceiver();
  place = aPlace(receiver.publicUrl);
  engine = await startStripe(place);
  stripe = stripeClient(engine.env['STRIPE_SECRET_KEY'] ?? '', engine.address);
});
afterAll(async () => {
  await engine.stop();
  receiver.close();
  place.remove();
});

const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 1999,
    currency: 'eur',
    payment_method,
    confirm: true,
    metadata: { orderId: 'ord-1', 'odd key': 'a&b=c' },
    ...more,
  });

const local = (path: string, body: object = {}, key?: string, method = 'POST') =>
  fetch(`${engine.address}/_local/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    },
    body: JSON.stringify(body),
  });

const settled = (id: string, type = 'payment_intent.succeeded') =>
  until(() => receiver.about(id, type)[0]);

describe('payments', () => {
  test('by a good card are settled through a signed callback', async () => {
    const intent = await pay('pm_card_visa');

    expect(intent).toMatchObject({ status: 'processing', amount: 1999, amount_received: 0 });
    const { raw, headers } = await settled(intent.id);
    const event = stripe.webhooks.constructEvent(
      raw,
      String(headers['stripe-signature']),
      engine.env['STRIPE_WEBHOOK_SECRET'] ?? '',
    );
    expect(event).toMatchObject({
      type: 'payment_intent.succeeded',
      data: {
        object: {
          id: intent.id,
          status: 'succeeded',
          amount_received: 1999,
          metadata: { orderId: 'ord-1', 'odd key': 'a&b=c' },
        },
      },
    });
  });

  test('can be read with their charge and its booking', async () => {
    const { id } = await pay('pm_card_mastercard');

    const intent = await stripe.paymentIntents.retrieve(id, {
      expand: ['latest_charge.balance_transaction', 'payment_method'],
    });

    expect(intent).toMatchObject({
      status: 'succeeded',
      payment_method: { card: { last4: '4444' } },
      latest_charge: { captured: true, balance_transaction: { net: 1999, currency: 'eur' } },
    });
  });

  test.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
  ])('by %s are refused, told, and can be tried again', async (method, code, decline_code) => {
    const error = await pay(method).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code });
    const { id } = (error as Stripe.errors.StripeCardError).payment_intent as Stripe.PaymentIntent;
    await settled(id, 'payment_intent.payment_failed');
    const again = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_mastercard' });
    expect(again).toMatchObject({ status: 'succeeded', last_payment_error: null });
  });

  test.each([
    [true, 'succeeded', 'payment_intent.succeeded'],
    [false, 'requires_payment_method', 'payment_intent.payment_failed'],
  ])('that need the buyer wait for them (%s)', async (succeed, status, type) => {
    const intent = await pay('pm_card_authenticationRequired', { return_url: 'https://a.test/' });
    expect(intent.status).toBe('requires_action');
    expect(intent.next_action?.redirect_to_url?.return_url).toBe('https://a.test/');

    await fetch(String(intent.next_action?.redirect_to_url?.url), {
      method: 'POST',
      body: new URLSearchParams({ succeed: succeed ? 'true' : '' }),
    });

    await settled(intent.id, type);
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status });
  });

  test('can be reserved and then captured in part, or cancelled', async () => {
    const reserved = await pay('pm_card_visa', { capture_method: 'manual' });
    const other = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(reserved).toMatchObject({ status: 'requires_capture', amount_capturable: 1999 });

    const captured = await stripe.paymentIntents.capture(reserved.id, { amount_to_capture: 500 });
    const cancelled = await stripe.paymentIntents.cancel(other.id);

    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 500 });
    expect(cancelled.status).toBe('canceled');
    await expect(stripe.paymentIntents.cancel(reserved.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });
});

describe('idempotency keys', () => {
  test('give the first answer again, also when it was a refusal', async () => {
    const params = {
      amount: 700,
      currency: 'eur',
      payment_method: 'pm_card_mastercard',
      confirm: true,
    };
    const first = await stripe.paymentIntents.create(params, { idempotencyKey: 'pay-1' });
    const second = await stripe.paymentIntents.create(params, { idempotencyKey: 'pay-1' });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.requestId).toMatch(/^req_/);

    const refused = { ...params, payment_method: 'pm_card_chargeDeclined' };
    const ask = () =>
      stripe.paymentIntents.create(refused, { idempotencyKey: 'pay-2' }).catch((error) => error);
    expect((await ask()).payment_intent.id).toBe((await ask()).payment_intent.id);
  });

  test('cannot be used for something else', async () => {
    const once = (amount: number) =>
      stripe.paymentIntents.create({ amount, currency: 'eur' }, { idempotencyKey: 'pay-3' });
    await once(700);

    const error = await once(701).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });
});

describe('refunds', () => {
  test('never exceed what was captured', async () => {
    const { id } = await pay('pm_card_mastercard');

    const refund = await stripe.refunds.create({ payment_intent: id, amount: 1500 });
    const tooMuch = stripe.refunds.create({ payment_intent: id, amount: 500 });

    expect(refund).toMatchObject({ status: 'succeeded', amount: 1500, payment_intent: id });
    await expect(tooMuch).rejects.toMatchObject({ statusCode: 400, param: 'amount' });
    const { data } = await stripe.refunds.list({ payment_intent: id });
    expect(data.map((one) => one.id)).toEqual([refund.id]);
    await settled(refund.id, 'refund.created');
  });

  test('come back when the bank refuses them', async () => {
    const { id } = await pay('pm_card_refundFail');
    const { id: refundId } = await stripe.refunds.create({ payment_intent: id });

    await settled(refundId, 'refund.failed');

    expect(await stripe.refunds.retrieve(refundId)).toMatchObject({ status: 'failed' });
    const { latest_charge } = await stripe.paymentIntents.retrieve(id, {
      expand: ['latest_charge'],
    });
    expect(latest_charge).toMatchObject({ amount_refunded: 0, refunded: false });
  });
});

describe('disputes', () => {
  test.each(['won', 'lost'])('are opened and %s', async (outcome) => {
    const { id } = await pay('pm_card_mastercard');

    const dispute = (await (await local(`charges/${id}/dispute`)).json()) as Stripe.Dispute;
    await settled(dispute.id, 'charge.dispute.created');
    await local(`disputes/${dispute.id}/close`, { outcome });

    const { event } = await settled(dispute.id, 'charge.dispute.closed');
    expect(event.data.object).toMatchObject({ status: outcome, payment_intent: id, amount: 1999 });
  });
});

describe('payouts', () => {
  test('are paid, come back from a closed account, and never exceed the balance', async () => {
    await local('balance', { amount: 10_000, currency: 'chf' });

    const good = await stripe.payouts.create({ amount: 4000, currency: 'chf' });
    const bad = await stripe.payouts.create({
      amount: 4000,
      currency: 'chf',
      destination: 'ba_account_closed',
    });
    const tooMuch = stripe.payouts.create({ amount: 4000, currency: 'chf' });

    await expect(tooMuch).rejects.toMatchObject({ code: 'balance_insufficient' });
    await settled(good.id, 'payout.paid');
    const { event } = await settled(bad.id, 'payout.failed');
    expect(event.data.object).toMatchObject({ failure_code: 'account_closed' });
    const { available } = await stripe.balance.retrieve();
    expect(available).toContainEqual(expect.objectContaining({ amount: 6000, currency: 'chf' }));
    const transfer = await stripe.transfers.create({
      amount: 6000,
      currency: 'chf',
      destination: 'acct_1',
    });
    expect(await stripe.transfers.retrieve(transfer.id)).toMatchObject({ amount: 6000 });
  });
});

describe('errors', () => {
  test.each([
    [{ amount: 100 }, { code: 'parameter_missing', param: 'currency' }],
    [{ amount: -1, currency: 'eur' }, { param: 'amount' }],
    [
      { amount: 1.5, currency: 'eur' },
      { code: 'parameter_invalid_integer', param: 'amount' },
    ],
    [
      { amount: 1, currency: 'eur', bogus: 1 },
      { code: 'parameter_unknown', param: 'bogus' },
    ],
    [{ amount: 1, currency: 'eur', metadata: { 'a[b]': 'c' } }, { param: 'metadata' }],
    [{ amount: 1, currency: 'eur', payment_method: 'pm_x' }, { code: 'resource_missing' }],
  ])('name what is wrong with %j', async (params, expected) => {
    const asked = stripe.paymentIntents.create(params as Stripe.PaymentIntentCreateParams);
    await expect(asked).rejects.toMatchObject({ type: 'StripeInvalidRequestError', ...expected });
  });

  test('refuse a wrong key and keep accounts apart', async () => {
    const { id } = await pay('pm_card_mastercard');
    const wrong = stripeClient('sk_test_nobody', engine.address);
    await expect(wrong.balance.retrieve()).rejects.toMatchObject({ statusCode: 401 });

    await local('accounts/sk_test_other', { webhookUrl: receiver.url }, undefined, 'PUT');
    const other = stripeClient('sk_test_other', engine.address);

    await expect(other.paymentIntents.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test('never end the process, whatever is sent', async () => {
    const headers = { authorization: `Bearer ${engine.env['STRIPE_SECRET_KEY']}` };
    const send = (path: string, body?: string) =>
      fetch(`${engine.address}${path}`, { headers, ...(body ? { method: 'POST', body } : {}) });
    for (const path of [
      '/',
      '/v1',
      '/v1/%E0%A4%A',
      '/v1/__proto__',
      '/v1/constructor/x',
      '/_local/x',
    ])
      await send(path);
    await send('/v1/payment_intents', 'a[b][c][d][e][f][g][h]=1&__proto__[x]=1&[]=2');
    await send('/_local/webhooks', '{');

    expect(await stripe.balance.retrieve()).toMatchObject({ object: 'balance' });
  });
});

describe('lists', () => {
  test('are paged, newest first', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count++)
      made.unshift((await stripe.customers.create({ email: 'paged@a.test' })).id);

    const walked: string[] = [];
    for await (const { id } of stripe.customers.list({ email: 'paged@a.test', limit: 2 }))
      walked.push(id);

    expect(walked).toEqual(made);
  });

  test('tell every event', async () => {
    const { id } = await pay('pm_card_mastercard');
    const { data } = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 });
    expect(data[0]?.data.object).toMatchObject({ id });
    expect(await stripe.events.retrieve(data[0]?.id ?? '')).toEqual(data[0]);
  });

  test('of a customer show the cards that are kept', async () => {
    const { id: customer } = await stripe.customers.create({ name: 'Alice' });
    const kept = await stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer });
    const { data } = await stripe.paymentMethods.list({ customer, type: 'card' });
    expect(data.map(({ id }) => id)).toEqual([kept.id]);
    await expect(pay(kept.id, { customer })).rejects.toMatchObject({ code: 'card_declined' });
  });
});

describe('callbacks', () => {
  const account = async (name: string) => {
    const key = `sk_test_${name}`;
    const own = await aReceiver();
    const wish = { webhookUrl: own.url, webhookSecret: `whsec_${name}` };
    await local(`accounts/${key}`, wish, undefined, 'PUT');
    const client = stripeClient(key, engine.address);
    const order = { amount: 500, currency: 'eur', payment_method: 'pm_card_mastercard' };
    return { key, own, pay: () => client.paymentIntents.create({ ...order, confirm: true }) };
  };
  const SUCCEEDED = 'payment_intent.succeeded';

  test('are repeated until they are taken', async () => {
    const { own, pay } = await account('repeated');
    own.answerWith(500, 503, 302, 500, 500);

    const { id } = await pay();

    await until(() => own.about(id, SUCCEEDED).length > 0 && own.notices.length >= 8);
    const ids = own.notices.map(({ event }) => event.id);
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(3);
    own.close();
  });

  test('can be held back and released, and can come twice', async () => {
    const { key, own, pay } = await account('held');
    await local('webhooks', { mode: 'hold' }, key);
    const held = await pay();
    await local('webhooks', { mode: 'twice' }, key);
    const twice = await pay();
    await until(() => own.about(twice.id, SUCCEEDED).length === 2);
    expect(own.about(held.id)).toEqual([]);

    await local('webhooks/flush', {}, key);

    await until(() => own.about(held.id, SUCCEEDED).length === 1);
    own.close();
  });

  test('go where the account says now', async () => {
    const { key, own, pay } = await account('moved');
    const elsewhere = await aReceiver();
    await local('webhook-url', { url: elsewhere.url }, key);

    const { id } = await pay();

    await until(() => elsewhere.about(id, SUCCEEDED).length === 1);
    expect(own.notices).toEqual([]);
    own.close();
    elsewhere.close();
  });
});

describe('a process that is killed', () => {
  test('has lost nothing it answered for, and still settles and calls back', async () => {
    const own = await aReceiver();
    const ownPlace = aPlace(own.publicUrl);
    const before = await startStripe(ownPlace);
    const key = before.env['STRIPE_SECRET_KEY'] ?? '';
    const intent = await stripeClient(key, before.address).paymentIntents.create({
      amount: 900,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
    });
    process.kill(before.pid ?? 0, 'SIGKILL');
    await before.exited;

    const after = await startStripe(ownPlace);

    expect(after.env['STRIPE_SECRET_KEY']).toBe(key);
    await until(() => own.about(intent.id, 'payment_intent.succeeded').length > 0);
    const found = await stripeClient(key, after.address).paymentIntents.retrieve(intent.id);
    expect(found.status).toBe('succeeded');
    await after.stop();
    own.close();
    ownPlace.remove();
  });
});
