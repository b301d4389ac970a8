import type { Stripe } from 'stripe';
import { describe, expect, test } from 'vitest';
import { startStripe } from '#local/stripe/engine.ts';
import { aPlace, until } from '../../support/place.ts';
import { aStripe } from './account.ts';
import { aReceiver, stripeClient } from './receiver.ts';

const { engine, local, pay, receiver, stripe } = aStripe();

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
    const asked = stripe().paymentIntents.create(params as Stripe.PaymentIntentCreateParams);
    await expect(asked).rejects.toMatchObject({ type: 'StripeInvalidRequestError', ...expected });
  });

  test('refuse a wrong key and keep accounts apart', async () => {
    const { id } = await pay('pm_card_mastercard');
    const wrong = stripeClient('sk_test_nobody', engine().address);
    await expect(wrong.balance.retrieve()).rejects.toMatchObject({ statusCode: 401 });

    await local('accounts/sk_test_other', { webhookUrl: receiver().url }, undefined, 'PUT');
    const other = stripeClient('sk_test_other', engine().address);

    await expect(other.paymentIntents.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  test('never end the process, whatever is sent', async () => {
    const headers = { authorization: `Bearer ${engine().env['STRIPE_SECRET_KEY']}` };
    const send = (path: string, body?: string) =>
      fetch(`${engine().address}${path}`, { headers, ...(body ? { method: 'POST', body } : {}) });
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

    expect(await stripe().balance.retrieve()).toMatchObject({ object: 'balance' });
  });
});

describe('lists', () => {
  test('are paged, newest first', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count++)
      made.unshift((await stripe().customers.create({ email: 'paged@a.test' })).id);

    const walked: string[] = [];
    for await (const { id } of stripe().customers.list({ email: 'paged@a.test', limit: 2 }))
      walked.push(id);

    expect(walked).toEqual(made);
  });

  test('tell every event', async () => {
    const { id } = await pay('pm_card_mastercard');
    const { data } = await stripe().events.list({ type: 'payment_intent.succeeded', limit: 1 });
    expect(data[0]?.data.object).toMatchObject({ id });
    expect(await stripe().events.retrieve(data[0]?.id ?? '')).toEqual(data[0]);
  });

  test('of a customer show the cards that are kept', async () => {
    const { id: customer } = await stripe().customers.create({ name: 'Alice' });
    const kept = await stripe().paymentMethods.attach('pm_card_chargeDeclined', { customer });
    const { data } = await stripe().paymentMethods.list({ customer, type: 'card' });
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
    const client = stripeClient(key, engine().address);
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
