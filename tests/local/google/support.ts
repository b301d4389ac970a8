import { mkdtemp } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Storage } from '@google-cloud/storage';
import type { Engine, Place } from '#local/engine.ts';
import { startStorage } from '#local/google/storage/start.ts';

/** A place of its own for one engine of one test file. */
export async function aPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'mixillo-google-'));
  return {
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'log.txt'),
    publicUrl: 'http://127.0.0.1',
  };
}

export interface LocalStorage {
  readonly place: Place;
  readonly engine: Engine;
  /** The vendor's own client, which repeats nothing by itself. */
  readonly client: Storage;
  /** Makes or changes a bucket by the local route. */
  declare(bucket: string, body: object): Promise<void>;
}

/** A storage of its own for one test file. */
export async function aStorage(): Promise<LocalStorage> {
  const place = await aPlace();
  const engine = await startStorage(place);
  useEnvironment(engine);
  return {
    place,
    engine,
    client: new Storage({ projectId: 'mixillo-test', retryOptions: { autoRetry: false } }),
    async declare(bucket, body) {
      const url = `${engine.address}/_local/buckets/${bucket}`;
      const { ok } = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
      if (!ok) throw new Error(`The bucket ${bucket} was refused.`);
    },
  };
}

/** What a function's environment would hold, with the engine's part in it. */
export function useEnvironment(engine: Engine, media = 'http://127.0.0.1/media'): void {
  const secret = 'a secret of thirty-two characters';
  Object.assign(process.env, engine.env, {
    MONGODB_URI: 'mongodb://127.0.0.1/none',
    JWT_SECRET: secret,
    REFRESH_TOKEN_SECRET: secret,
    CURSOR_SECRET: secret,
    DATA_ENCRYPTION_KEY: secret,
    GOOGLE_CLOUD_PROJECT: 'mixillo-test',
    UPLOADS_BUCKET: 'test-uploads',
    MEDIA_BUCKET: 'test-media',
    CAPTIONS_BUCKET: 'test-captions',
    KYC_BUCKET: 'test-kyc',
    MEDIA_BASE_URL: media,
    PUBLIC_BASE_URL: 'http://127.0.0.1',
    ABLY_API_KEY: 'name:secret',
    STRIPE_SECRET_KEY: 'sk_test_local',
    STRIPE_WEBHOOK_SECRET: 'whsec_local',
    SMTP_URL: 'smtp://127.0.0.1',
    CLAMD_URL: 'tcp://127.0.0.1:3310',
    CARRIER_WEBHOOK_SECRET: 'carrier_local',
    AGORA_APP_ID: 'a'.repeat(32),
    AGORA_APP_CERTIFICATE: 'c'.repeat(32),
    AGORA_WEBHOOK_SECRET: 'agora_local',
  });
}

export interface Received<Body> {
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

export interface Receiver<Body> {
  readonly url: string;
  readonly received: Received<Body>[];
  close(): Promise<void>;
}

/** An HTTP server that remembers what it was sent, and answers with the status it is told. */
export async function aReceiver<Body>(
  answer: (sent: Received<Body>, count: number) => number | Promise<number>,
  port = 0,
): Promise<Receiver<Body>> {
  const received: Received<Body>[] = [];
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join('');
    const sent = { headers: request.headers, body: JSON.parse(text) as Body };
    received.push(sent);
    response.writeHead(await answer(sent, received.length)).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${listening}/`,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks again and again until the answer is true. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 30_000) {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come true in ${withinMs} ms.`);
    await delay(20);
  }
}
