import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '#local/engine.ts';

/** A directory of its own for one engine of one test file. */
export function aPlace(publicUrl = 'http://127.0.0.1:1'): Place & { remove(): void } {
  const dataDir = mkdtempSync(join(tmpdir(), 'stand-in-'));
  return {
    dataDir,
    logFile: join(dataDir, 'engine.log'),
    publicUrl,
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Asks again until the answer is there. */
export async function until<Answer>(ask: () => Answer | Promise<Answer>, within = 15_000) {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<Answer, undefined | null | false | 0 | ''>;
    if (Date.now() > deadline) throw new Error(`Not within ${within} ms: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Everything the product wants to know at start, for tests of one module. */
export const completeEnvironment = {
  NODE_ENV: 'test',
  MONGODB_URI: 'mongodb://127.0.0.1:1/unused',
  JWT_SECRET: 'j'.repeat(40),
  REFRESH_TOKEN_SECRET: 'r'.repeat(40),
  CURSOR_SECRET: 'c'.repeat(40),
  DATA_ENCRYPTION_KEY: 'd'.repeat(40),
  GOOGLE_CLOUD_PROJECT: 'mixillo-test',
  UPLOADS_BUCKET: 'uploads',
  MEDIA_BUCKET: 'media',
  CAPTIONS_BUCKET: 'captions',
  KYC_BUCKET: 'kyc',
  MEDIA_BASE_URL: 'http://127.0.0.1:1/media',
  PUBLIC_BASE_URL: 'http://127.0.0.1:1',
  ABLY_API_KEY: 'unused:unused',
  STRIPE_SECRET_KEY: 'sk_test_unused',
  STRIPE_WEBHOOK_SECRET: 'whsec_unused',
  SMTP_URL: 'smtp://127.0.0.1:1',
  CLAMD_URL: 'tcp://127.0.0.1:1',
  CARRIER_WEBHOOK_SECRET: 'carrier_unused',
  AGORA_APP_ID: 'a'.repeat(32),
  AGORA_APP_CERTIFICATE: 'c'.repeat(32),
  AGORA_WEBHOOK_SECRET: 'agora_unused',
};
