import type { Stripe } from 'stripe';
import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startStripe } from '#local/stripe/engine.ts';
import { aPlace, until } from '../../support/place.ts';
import { aReceiver, stripeClient } from './receiver.ts';

/** The stand-in, running for one test file, with a product that takes its callbacks. */
export function aStripe() {
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

  return {
    engine: () => engine,
    receiver: () => receiver,
    stripe: () => stripe,
    pay: (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
      stripe.paymentIntents.create({
        amount: 1999,
        currency: 'eur',
        payment_method,
        confirm: true,
        metadata: { orderId: 'ord-1', 'odd key': 'a&b=c' },
        ...more,
      }),
    /** What the vendor's own interface cannot do. */
    local: (path: string, body: object = {}, key?: string, method = 'POST') =>
      fetch(`${engine.address}/_local/${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
        body: JSON.stringify(body),
      }),
    /** The first notice of this kind about this thing. */
    settled: (id: string, type = 'payment_intent.succeeded') =>
      until(() => receiver.about(id, type)[0]),
  };
}
