import { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startStripe } from '#local/stripe/engine.ts';
import {
  cancelPayment,
  createPayment,
  NoticeNotGenuine,
  type PaymentOrder,
  ProviderRefused,
  ProviderUnavailable,
  retrievePayment,
  verifyWebhook,
} from '#platform/payments.ts';
import {
  findRefund,
  refundPayment,
  retrieveDispute,
  retrieveRefund,
} from '#platform/payments-back.ts';
import { aReceiver } from '../local/stripe/receiver.ts';
import { aPlace, completeEnvironment, until } from '../support/place.ts';

let receiver: Awaited<ReturnType<typeof aReceiver>>;
let place: ReturnType<typeof aPlace>;
let engine: Engine;

beforeAll(async () => {
  receiver = await aReceiver();
  place = aPlace(receiver.publicUrl);
  engine = await startStripe(place);
  Object.assign(process.env, completeEnvironment, engine.env);
});
afterEach(() => local('outage', { mode: 'none' }));
afterAll(async () => {
  await engine.stop();
  receiver.close();
  place.remove();
});

const local = async (path: string, body: object) => {
  await fetch(`${engine.address}/_local/${path}`, { method: 'POST', body: JSON.stringify(body) });
};

let count = 0;
const order = (paymentMethod: string, more: Partial<PaymentOrder> = {}): PaymentOrder => ({
  paymentId: `pay-${++count}`,
  amountMinor: 2500,
  currency: 'EUR',
  paymentMethod,
  description: 'Order 1',
  metadata: { orderId: 'ord-1' },
  ...more,
});

describe('createPayment', () => {
  test('is created first and captured when the provider says so', async () => {
    const wish = order('pm_card_visa');
    const payment = await createPayment(wish);
    expect(payment).toEqual({
      paymentId: wish.paymentId,
      providerRef: expect.stringMatching(/^pi_/),
      status: 'created',
      amountMinor: 2500,
      currency: 'EUR',
      capturedMinor: 0,
    });

    await until(() => receiver.about(payment.providerRef, 'payment_intent.succeeded').length > 0);

    expect(await retrievePayment(payment.providerRef)).toMatchObject({
      status: 'captured',
      capturedMinor: 2500,
    });
  });

  test('answers with a refused card instead of throwing', async () => {
    const payment = await createPayment(order('pm_card_chargeDeclinedInsufficientFunds'));

    expect(payment).toMatchObject({
      status: 'failed',
      failureCode: 'insufficient_funds',
      capturedMinor: 0,
    });
    expect(await retrievePayment(payment.providerRef)).toEqual(payment);
  });

  test('tells what the buyer must do', async () => {
    const payment = await createPayment(order('pm_card_authenticationRequired'));

    expect(payment).toMatchObject({
      status: 'requires_action',
      clientAction: { type: 'authenticate', clientSecret: expect.stringMatching(/_secret_/) },
    });
    await local(`payment_intents/${payment.providerRef}/authenticate`, { succeed: true });
    expect(await retrievePayment(payment.providerRef)).toMatchObject({ status: 'captured' });
  });

  test('pays once when it is asked five times at once', async () => {
    const same = order('pm_card_mastercard');

    const payments = await Promise.all(Array.from({ length: 5 }, () => createPayment(same)));

    expect(new Set(payments.map(({ providerRef }) => providerRef)).size).toBe(1);
  });

  test('refuses a payment id that was used for another amount', async () => {
    const first = order('pm_card_mastercard');
    await createPayment(first);
    const asked = createPayment({ ...first, amountMinor: 1 });
    await expect(asked).rejects.toThrow(new ProviderRefused('idempotency_error'));
  });

  test('pays once when the answer was lost', async () => {
    const same = order('pm_card_mastercard');
    await local('outage', { mode: 'after' });
    await expect(createPayment(same)).rejects.toBeInstanceOf(ProviderUnavailable);
    await local('outage', { mode: 'none' });

    const { providerRef, status } = await createPayment(same);

    expect(status).toBe('captured');
    await until(() => receiver.about(providerRef, 'payment_intent.succeeded').length > 0);
    const made = receiver.notices.filter(({ event }) => {
      const { metadata, object } = event.data.object as Stripe.PaymentIntent;
      return object === 'payment_intent' && metadata['paymentId'] === same.paymentId;
    });
    expect(
      new Set(made.map(({ event }) => (event.data.object as Stripe.PaymentIntent).id)),
    ).toEqual(new Set([providerRef]));
  });

  test('throws without a secret in it while the provider is away', async () => {
    await local('outage', { mode: 'before' });

    const error = await createPayment(order('pm_card_visa')).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ProviderUnavailable);
    const shown = JSON.stringify([String(error), Object.entries(Object(error))]);
    expect(shown).not.toContain(engine.env['STRIPE_SECRET_KEY']);
    expect(Object(error).cause).toBeUndefined();
  });
});

describe('cancelPayment', () => {
  test('gives up a payment that waits for its buyer', async () => {
    const { providerRef } = await createPayment(order('pm_card_authenticationRequired'));
    expect(await cancelPayment(providerRef)).toMatchObject({ status: 'cancelled' });
    expect(await cancelPayment(providerRef)).toMatchObject({ status: 'cancelled' });
  });

  test('tells that a payment was captured before it could be cancelled', async () => {
    const { providerRef } = await createPayment(order('pm_card_mastercard'));
    expect(await cancelPayment(providerRef)).toMatchObject({ status: 'captured' });
  });

  test('refuses a payment that does not exist', async () => {
    await expect(cancelPayment('pi_nothing')).rejects.toThrow(
      new ProviderRefused('resource_missing'),
    );
  });
});

describe('refundPayment', () => {
  test('gives money back once for each refund id, and never more than was paid', async () => {
    const { providerRef } = await createPayment(order('pm_card_mastercard'));
    const wish = { refundId: `ref-${providerRef}`, attempt: 0, providerRef, amountMinor: 2000 };

    const refund = await refundPayment(wish);

    expect(refund).toEqual({
      refundRef: expect.stringMatching(/^re_/),
      refundId: wish.refundId,
      attempt: 0,
      status: 'succeeded',
      amountMinor: 2000,
    });
    expect(await refundPayment(wish)).toEqual(refund);
    expect(await retrieveRefund(refund.refundRef)).toEqual(refund);
    const more = refundPayment({ ...wish, refundId: `${wish.refundId}-2` });
    await expect(more).rejects.toBeInstanceOf(ProviderRefused);
  });

  test('learns later that the bank sent it back', async () => {
    const { providerRef } = await createPayment(order('pm_card_refundFail'));
    const wish = { refundId: `ref-${providerRef}`, attempt: 0, providerRef, amountMinor: 100 };
    const { refundRef } = await refundPayment(wish);

    await until(async () => (await retrieveRefund(refundRef)).status === 'failed');

    expect(await retrieveRefund(refundRef)).toMatchObject({
      failureCode: 'expired_or_canceled_card',
    });
  });
});

describe('findRefund', () => {
  test('finds what an attempt has made, long after its key was forgotten', async () => {
    const { providerRef } = await createPayment(order('pm_card_mastercard'));
    const wish = { refundId: `ref-${providerRef}`, attempt: 1, providerRef, amountMinor: 7 };
    const made = await refundPayment(wish);

    expect(await findRefund(wish)).toEqual(made);
    expect(await findRefund({ ...wish, attempt: 2 })).toBeUndefined();
  });
});

describe('retrieveDispute', () => {
  test('tells how much a bank has taken back, and how it ended', async () => {
    const { providerRef } = await createPayment(order('pm_card_mastercard'));
    const opened = await fetch(`${engine.address}/_local/charges/${providerRef}/dispute`, {
      method: 'POST',
      body: JSON.stringify({ amount: 900 }),
    });
    const { id } = (await opened.json()) as { readonly id: string };

    const open = await retrieveDispute(id);
    await local(`disputes/${id}/close`, { outcome: 'lost' });

    expect(open).toEqual({ disputeRef: id, providerRef, amountMinor: 900, status: 'open' });
    expect((await retrieveDispute(id)).status).toBe('lost');
  });
});

describe('verifyWebhook', () => {
  const aNotice = async () => {
    const { providerRef } = await createPayment(order('pm_card_mastercard'));
    const { raw, headers, event } = await until(
      () => receiver.about(providerRef, 'payment_intent.succeeded')[0],
    );
    return { providerRef, raw, event, signature: String(headers['stripe-signature']) };
  };

  test('tells what a genuine notice is about', async () => {
    const { providerRef, raw, event, signature } = await aNotice();

    expect(await verifyWebhook(raw, signature, new Date())).toEqual({
      noticeId: event.id,
      type: 'payment_intent.succeeded',
      providerRef,
      objectRef: providerRef,
    });
  });

  test('leads from a refund to its payment', async () => {
    const { providerRef } = await aNotice();
    const wish = { refundId: `ref-${providerRef}`, attempt: 0, providerRef, amountMinor: 1 };
    const { refundRef } = await refundPayment(wish);
    const { raw, headers } = await until(() => receiver.about(refundRef, 'refund.created')[0]);

    const notice = await verifyWebhook(raw, String(headers['stripe-signature']), new Date());

    expect(notice).toMatchObject({ providerRef, objectRef: refundRef, type: 'refund.created' });
  });

  test('refuses what was changed, unsigned, signed by others or too old', async () => {
    const { raw, signature } = await aNotice();
    const now = new Date();
    const changed = Buffer.from(raw.toString().replace('2500', '9999'));
    const others = Stripe.webhooks.generateTestHeaderString({
      payload: raw.toString(),
      secret: 'whsec_of_somebody_else',
    });
    const late = new Date(now.getTime() + 301_000);

    const refused = { status: 'rejected', reason: expect.any(NoticeNotGenuine) };
    expect(
      await Promise.allSettled([
        verifyWebhook(changed, signature, now),
        verifyWebhook(raw, undefined, now),
        verifyWebhook(raw, '', now),
        verifyWebhook(raw, 'nonsense', now),
        verifyWebhook(raw, others, now),
        verifyWebhook(raw, signature, late),
        verifyWebhook(Buffer.alloc(0), signature, now),
      ]),
    ).toEqual(Array.from({ length: 7 }, () => refused));
  });
});
