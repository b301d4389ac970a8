import { join } from 'node:path';
import { keptSecret } from '#local/secret.ts';
import { startChild } from '#local/stand-in.ts';
import type { StartEngine } from '../engine.ts';

/** Starts the payment stand-in, with what it knew when it last ran. */
export const startStripe: StartEngine = async (place) => {
  const key = `sk_test_${keptSecret(place.dataDir, 'stripe-key')}`;
  const webhookSecret = `whsec_${keptSecret(place.dataDir, 'stripe-webhook-secret')}`;
  const webhookUrl = new URL('/api/payments/webhooks/stripe', place.publicUrl).href;
  return startChild({
    name: 'stripe',
    version: 'stand-in for Stripe, API 2026-10-28',
    entry: join(import.meta.dirname, 'server.ts'),
    place,
    settings: { dataDir: place.dataDir, key, webhookSecret, webhookUrl },
    describe: ({ port }) => {
      const address = `http://127.0.0.1:${port}`;
      const env = {
        STRIPE_SECRET_KEY: key,
        STRIPE_WEBHOOK_SECRET: webhookSecret,
        STRIPE_API_BASE: address,
      };
      return { address, env };
    },
  });
};
