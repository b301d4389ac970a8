import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#local/child.ts';
import { type Host, startHost } from '#local/host/host.ts';
import { productEnvironment } from '#local/stack/environment.ts';
import { type Stack, startStack } from '#local/stack/stack.ts';
import { connect, disconnect } from '#platform/database.ts';
import { setLogSink } from '#platform/log.ts';
import { migrate } from '../../infra/migrations/migrate.ts';
import { type Person, register } from '../../tests/support/people.ts';

let running: Promise<Stack> | undefined;
let host: Host | undefined;
let dir = '';

/** Starts the engines for those rows that need them, and gives this process the product's environment. */
export const useEngines = async (): Promise<void> => void (await (running ??= start()));

async function start(): Promise<Stack> {
  dir = await mkdtemp(join(tmpdir(), 'mixillo-bench-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const stack = await startStack({ dir, publicUrl: url });
  Object.assign(process.env, environment(url), stack.env);
  await migrate();
  return stack;
}

/** What the product reads, for one throw-away world. Its log lines are written, as they would be. */
export function environment(url: string): Record<string, string> {
  const secret = () => randomBytes(32).toString('base64url');
  return {
    ...productEnvironment('mixillo-bench', url),
    MONGODB_MAX_POOL_SIZE: '10',
    RATE_LIMIT_SCALE: '1000000',
    LOG_LEVEL: 'info',
    JWT_SECRET: secret(),
    REFRESH_TOKEN_SECRET: secret(),
    CURSOR_SECRET: secret(),
    DATA_ENCRYPTION_KEY: secret(),
  };
}

/** The whole product in this process; with its background only where a row is about that. */
export async function useHost(background: boolean): Promise<Host> {
  await useEngines();
  await closeHost();
  setLogSink(() => {});
  const port = Number(new URL(process.env['PUBLIC_BASE_URL'] ?? '').port);
  host = await startHost({ port, background });
  return host;
}

async function closeHost(): Promise<void> {
  await host?.stop();
  host = undefined;
}

let crowd: Promise<readonly Person[]> | undefined;

/** People who were registered over HTTP; the same ones each time. */
export const people = (): Promise<readonly Person[]> => (crowd ??= registerAll(17));

async function registerAll(count: number): Promise<readonly Person[]> {
  const { url } = await useHost(false);
  const registered: Person[] = [];
  for (let index = 0; index < count; index += 1)
    registered.push(await register(url, `bench${index}`));
  await closeHost();
  await connect();
  return registered;
}

export async function closeWorld(): Promise<void> {
  await closeHost();
  const stack = await running;
  if (!stack) return;
  await disconnect();
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
}
