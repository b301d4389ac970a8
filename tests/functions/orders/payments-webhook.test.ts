import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../domain/wallet/books.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PATH = '/api/payments/webhooks/stripe';
const notice = (intent: object, id = 'evt_test') =>
  JSON.stringify({
    id,
    object: 'event',
    type: 'payment_intent.succeeded',
    data: { object: { object: 'payment_intent', ...intent } },
  });

function signed(body: string, secret = process.env['STRIPE_WEBHOOK_SECRET'] ?? '', ageSeconds = 0) {
  const at = Math.floor(world.now().getTime() / 1000) - ageSeconds;
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { 'stripe-signature': `t=${at},v1=${signature}`, 'content-type': 'application/json' };
}
const notices = () => raw('outboxevents').countDocuments({ type: 'provider.notified' });

describe('paymentsWebhook', () => {
  test('refuses what the provider has not signed, and changes nothing', async () => {
    const body = notice({ id: 'pi_forged' });
    const before = await notices();
    const send = (headers: Record<string, string>, sent = body) =>
      world.post(PATH, sent, { headers });

    const answers = [
      await send(signed(body, 'whsec_somebody_else')),
      await send(signed(body), body.replace('pi_forged', 'pi_altered')),
      await send(signed(body, undefined, 3600)),
      await send({ 'content-type': 'application/json' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(answers[0]?.body).toMatchObject({ code: 'invalid_signature' });
    expect(await notices()).toBe(before);
  });

  test('passes a notice on once, however often and however simultaneously it comes', async () => {
    const body = notice({ id: 'pi_unknown' }, 'evt_once');
    const before = await notices();

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.post(PATH, body, { headers: signed(body) })),
    );

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await notices()).toBe(before + 1);
  });

  test('believes the provider when asked, not what a notice says', async () => {
    const alice = await world.person('alice');
    const { body } = await alice.post(
      '/api/wallet/topup',
      { amount: 500, paymentMethod: 'pm_card_authenticationRequired' },
      { key: 'ask' },
    );
    expect(body['payment']?.['status']).toBe('requires_action');
    const [payment] = await raw('payments').find().toArray();
    const lie = { id: payment?.['providerRef'], status: 'succeeded', amount_received: 99_999 };
    const text = notice(lie, 'evt_lie');

    const { status } = await world.post(PATH, text, { headers: signed(text) });
    await world.settle();

    expect(status).toBe(200);
    expect(await balanceOf(alice)).toBe(0);
  });

  test('knows no other provider', async () => {
    const body = notice({});

    const { status } = await world.post('/api/payments/webhooks/paypal', body, {
      headers: signed(body),
    });

    expect(status).toBe(404);
  });
});
