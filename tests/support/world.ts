/**
 * A whole small Mixillo for one test file: its own database, project, buckets and payment account
 * on the shared engines, served by the real host over HTTP.
 *
 *   const world = await startWorld();            // in beforeAll; { background: false } without events
 *   const alice = await world.person('alice');   // registered over HTTP
 *   await alice.post('/api/content/…/like');     // { status, body, headers }
 *   await world.settle();                        // all events have been dealt with
 *   world.advance(days(1)); await world.runJob('expireStories');
 *   await world.stop();                          // in afterAll
 */
import { randomBytes } from 'node:crypto';
import { expect, inject } from 'vitest';
import { freePort } from '#local/child.ts';
import { advanceClock, resetClock } from '#local/host/control.ts';
import { type Host, startHost } from '#local/host/host.ts';
import { productEnvironment } from '#local/stack/environment.ts';
import { clock } from '#platform/clock.ts';
import { migrate } from '../../infra/migrations/migrate.ts';
import { type Caller, callerOf } from './caller.ts';
import { expectConformity, leaveAnswers } from './conformity.ts';
import { type Person, register } from './people.ts';
import { explainQueries, watchQueries } from './query-watch.ts';

export interface World extends Caller {
  readonly url: string;
  readonly host: Host;
  /** Registers somebody; the name is made unique and is part of the username. */
  readonly person: (name?: string) => Promise<Person>;
  readonly now: () => Date;
  /** Moves the clock of the product forward by milliseconds. */
  readonly advance: (milliseconds: number) => void;
  readonly settle: () => Promise<void>;
  readonly runJob: (name: string) => Promise<number>;
  /** What was published to a realtime channel, oldest first. */
  readonly realtime: (channel: string) => Promise<readonly RealtimeMessage[]>;
  /** What was mailed to an address, oldest first. */
  readonly mails: (to: string) => Promise<readonly Mail[]>;
  /** The controls of this world's payment account: `PUT`, `POST` below `/_local/`. */
  readonly payments: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface RealtimeMessage {
  readonly id: string;
  readonly name: string;
  readonly data: Record<string, unknown>;
}
export interface Mail {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly links: readonly string[];
}

interface Options {
  /** False: no events, no storage events, no schedule. Quicker to start. */
  readonly background?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** The audit reads over a connection of its own, as in production. Queries on it are not watched. */
  readonly auditor?: boolean;
}

export async function startWorld(options: Options = {}) {
  const { background = true } = options;
  const name = `t${randomBytes(5).toString('hex')}`;
  const port = await freePort();
  prepareEnvironment(name, `http://127.0.0.1:${port}`, options);
  await migrate();
  watchQueries();
  const host = await startHost({ port, background });
  expectConformity(host.functions.endpoints);
  const paymentKey = process.env['STRIPE_SECRET_KEY'] ?? '';
  const payments = async (method: string, path: string, body: unknown = {}): Promise<unknown> => {
    const response = await fetch(`${process.env['STRIPE_API_BASE']}/_local/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${paymentKey}` },
      body: JSON.stringify(body),
    });
    return response.json().catch(() => undefined);
  };
  if (background)
    await payments('PUT', `accounts/${paymentKey}`, {
      webhookUrl: `${host.url}/api/payments/webhooks/stripe`,
      webhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
    });

  const caller = callerOf(host.url);
  const world: World = {
    ...caller,
    url: host.url,
    host,
    person: (who = 'person') => register(host.url, who),
    now: () => clock.now(),
    advance: (milliseconds) => void advanceClock(milliseconds),
    settle: host.settle,
    runJob: host.runJob,
    realtime,
    mails,
    payments,
    stop: async () => {
      try {
        leaveAnswers(inject('recordsDir'));
        await explainQueries(inject('recordsDir'), expect.getState().testPath ?? '');
      } finally {
        await host.stop();
        resetClock();
      }
    },
  };
  return world;
}

/** Everything the product reads, before any of its modules asks for it. */
function prepareEnvironment(
  name: string,
  url: string,
  { environment = {}, auditor = false }: Options,
): void {
  const engines = inject('engineEnvironment');
  const mongo = new URL(engines['MONGODB_URI'] ?? '');
  const audit = new URL(engines['MONGODB_AUDIT_URI'] ?? mongo);
  mongo.pathname = audit.pathname = `/${name}`;
  mongo.searchParams.set('monitorCommands', 'true');
  Object.assign(process.env, engines, productEnvironment(name, url), {
    MONGODB_URI: mongo.href,
    MONGODB_AUDIT_URI: auditor ? audit.href : '',
    MONGODB_MAX_POOL_SIZE: '10',
    STRIPE_SECRET_KEY: `sk_test_${name}`,
    STRIPE_WEBHOOK_SECRET: `whsec_${name}`,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    RATE_LIMIT_SCALE: '1000',
    JWT_SECRET: 'test-secret-of-access-tokens-0123456789',
    REFRESH_TOKEN_SECRET: 'test-secret-of-refresh-tokens-0123456789',
    CURSOR_SECRET: 'test-secret-of-cursors-and-addresses-0123',
    DATA_ENCRYPTION_KEY: 'test-secret-of-second-factors-0123456789',
    ...environment,
  });
}

async function realtime(channel: string): Promise<RealtimeMessage[]> {
  const { Rest } = await import('ably');
  const { hostname, port } = new URL(process.env['ABLY_ENDPOINT'] ?? '');
  const client = new Rest({
    key: process.env['ABLY_API_KEY'] ?? '',
    endpoint: hostname,
    port: Number(port),
    tls: false,
    useBinaryProtocol: false,
    logLevel: 0,
  });
  const history = await client.channels
    .get(channel)
    .history({ direction: 'forwards', limit: 1000 });
  return history.items.map(({ id, name, data }) => ({
    id: id ?? '',
    name: name ?? '',
    data: typeof data === 'string' ? JSON.parse(data) : data,
  }));
}

async function mails(to: string): Promise<Mail[]> {
  const sink = process.env['MAIL_SINK_URL'] ?? '';
  const response = await fetch(`${sink}/messages?to=${encodeURIComponent(to)}`);
  const body = (await response.json()) as Mail[] | { readonly messages: Mail[] };
  return Array.isArray(body) ? body : body.messages;
}
