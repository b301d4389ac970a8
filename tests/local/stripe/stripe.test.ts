import { Stripe } from 'stripe';
import { describe, expect, test } from 'vitest';
import { aStripe } from './account.ts';

const { engine, local, pay, settled, stripe } = aStripe();

describe('payments', () => {
  test('by a good card are settled through a signed callback', async () => {
    const intent = await pay('pm_card_visa');

    expect(intent).toMatchObject({ status: 'processing', amount: 1999, amount_received: 0 });
    const { raw, headers } = await settled(intent.id);
    const event = stripe().webhooks.constructEvent(
      raw,
      String(headers['stripe-signature']),
      engine().env['STRIPE_WEBHOOK_SECRET'] ?? '',
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

    const intent = await stripe().paymentIntents.retrieve(id, {
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
    const again = await stripe().paymentIntents.confirm(id, {
      payment_method: 'pm_card_mastercard',
    });
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
    expect(await stripe().paymentIntents.retrieve(intent.id)).toMatchObject({ status });
  });

  test('can be reserved and then captured in part, or cancelled', async () => {
    const reserved = await pay('pm_card_visa', { capture_method: 'manual' });
    const other = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(reserved).toMatchObject({ status: 'requires_capture', amount_capturable: 1999 });

    const captured = await stripe().paymentIntents.capture(reserved.id, { amount_to_capture: 500 });
    const cancelled = await stripe().paymentIntents.cancel(other.id);

    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 500 });
    expect(cancelled.status).toBe('canceled');
    await expect(stripe().paymentIntents.cancel(reserved.id)).rejects.toMatchObject({
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
    const first = await stripe().paymentIntents.create(params, { idempotencyKey: 'pay-1' });
    const second = await stripe().paymentIntents.create(params, { idempotencyKey: 'pay-1' });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.requestId).toMatch(/^req_/);

    const refused = { ...params, payment_method: 'pm_card_chargeDeclined' };
    const ask = () =>
      stripe()
        .paymentIntents.create(refused, { idempotencyKey: 'pay-2' })
        .catch((error) => error);
    expect((await ask()).payment_intent.id).toBe((await ask()).payment_intent.id);
  });

  test('cannot be used for something else', async () => {
    const once = (amount: number) =>
      stripe().paymentIntents.create({ amount, currency: 'eur' }, { idempotencyKey: 'pay-3' });
    await once(700);

    const error = await once(701).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });
});

describe('refunds', () => {
  test('never exceed what was captured', async () => {
    const { id } = await pay('pm_card_mastercard');

    const refund = await stripe().refunds.create({ payment_intent: id, amount: 1500 });
    const tooMuch = stripe().refunds.create({ payment_intent: id, amount: 500 });

    expect(refund).toMatchObject({ status: 'succeeded', amount: 1500, payment_intent: id });
    await expect(tooMuch).rejects.toMatchObject({ statusCode: 400, param: 'amount' });
    const { data } = await stripe().refunds.list({ payment_intent: id });
    expect(data.map((one) => one.id)).toEqual([refund.id]);
    await settled(refund.id, 'refund.created');
  });

  test('come back when the bank refuses them', async () => {
    const { id } = await pay('pm_card_refundFail');
    const { id: refundId } = await stripe().refunds.create({ payment_intent: id });

    await settled(refundId, 'refund.failed');

    expect(await stripe().refunds.retrieve(refundId)).toMatchObject({ status: 'failed' });
    const { latest_charge } = await stripe().paymentIntents.retrieve(id, {
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

  test('leave nothing to refund unless they are won', async () => {
    const ids: string[] = [];
    for (const outcome of [undefined, 'lost', 'won']) {
      const { id } = await pay('pm_card_mastercard');
      await local(`charges/${id}/dispute`, { ...(outcome && { outcome }) });
      ids.push(id);
    }

    const answers = await Promise.allSettled(
      ids.map((payment_intent) => stripe().refunds.create({ payment_intent })),
    );

    expect(answers).toMatchObject([
      { reason: { code: 'charge_disputed' } },
      { reason: { code: 'charge_disputed' } },
      { value: { status: 'succeeded', amount: 1999 } },
    ]);
  });
});

describe('payouts', () => {
  test('are paid, come back from a closed account, and never exceed the balance', async () => {
    await local('balance', { amount: 10_000, currency: 'chf' });

    const good = await stripe().payouts.create({ amount: 4000, currency: 'chf' });
    const bad = await stripe().payouts.create({
      amount: 4000,
      currency: 'chf',
      destination: 'ba_account_closed',
    });
    const tooMuch = stripe().payouts.create({ amount: 4000, currency: 'chf' });

    await expect(tooMuch).rejects.toMatchObject({ code: 'balance_insufficient' });
    await settled(good.id, 'payout.paid');
    const { event } = await settled(bad.id, 'payout.failed');
    expect(event.data.object).toMatchObject({ failure_code: 'account_closed' });
    const { available } = await stripe().balance.retrieve();
    expect(available).toContainEqual(expect.objectContaining({ amount: 6000, currency: 'chf' }));
    const transfer = await stripe().transfers.create({
      amount: 6000,
      currency: 'chf',
      destination: 'acct_1',
    });
    expect(await stripe().transfers.retrieve(transfer.id)).toMatchObject({ amount: 6000 });
  });
});
