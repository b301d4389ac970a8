import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { freePort } from '#local/child.ts';
import { type Host, startHost } from '#local/host/host.ts';
import { productEnvironment } from '#local/stack/environment.ts';
import { type Stack, startStack } from '#local/stack/stack.ts';
import { connect, disconnect } from '#platform/database.ts';
import { setLogSink } from '#platform/log.ts';
import { migrate } from '../../infra/migrations/migrate.ts';
import { type Person, register } from '../../tests/support/people.ts';

type Stoppable = Pick<Stack, 'stop'>;
let running: Promise<Stoppable> | undefined;
let host: Host | undefined;
let dir = '';

/**
 * Starts the engines for those rows that need them, or uses those of `npm run engines` where
 * TEST_ENGINES names its file, and gives this process the product's environment.
 */
export const useEngines = async (): Promise<void> => void (await (running ??= start()));

async function start(): Promise<Stoppable> {
  const shared = process.env['TEST_ENGINES'];
  if (shared) return useRunning(shared);
  dir = await mkdtemp(join(tmpdir(), 'mixillo-bench-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const stack = await startStack({ dir, publicUrl: url });
  Object.assign(process.env, environment(url), stack.env);
  await migrate();
  return stack;
}

async function useRunning(file: string): Promise<Stoppable> {
  const env: Record<string, string> = JSON.parse(await readFile(file, 'utf8'));
  const database = new URL(env['MONGODB_URI'] ?? '');
  database.pathname = `/bench${randomBytes(5).toString('hex')}`;
  const url = `http://127.0.0.1:${await freePort()}`;
  Object.assign(process.env, environment(url), env, { MONGODB_URI: database.href });
  await migrate();
  return {
    stop: async () => {
      await connect();
      await mongoose.connection.dropDatabase();
      await disconnect();
    },
  };
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

const crowd: Person[] = [];

/** People who were registered over HTTP; at least so many, and the same ones each time. */
export async function people(count = 17): Promise<readonly Person[]> {
  if (crowd.length >= count) return crowd;
  const { url } = await useHost(false);
  while (crowd.length < count) crowd.push(await register(url, `bench${crowd.length}`));
  await closeHost();
  await connect();
  return crowd;
}

export async function closeWorld(): Promise<void> {
  await closeHost();
  const stack = await running;
  if (!stack) return;
  await disconnect();
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
}
