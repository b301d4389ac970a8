import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import { runningStack } from './lock.ts';

/** Where a clone keeps its data, its logs and its secrets. */
export const LOCAL_DIR = join(ROOT, '.local');

const hex32 = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);

/** What the product reads from its environment that no engine decides. */
export const productEnvironment = (project: string, publicUrl: string): Record<string, string> => ({
  GOOGLE_CLOUD_PROJECT: project,
  UPLOADS_BUCKET: `${project}-uploads`,
  MEDIA_BUCKET: `${project}-media`,
  CAPTIONS_BUCKET: `${project}-captions`,
  KYC_BUCKET: `${project}-kyc`,
  CARRIER_WEBHOOK_SECRET: `carrier_${project}`,
  AGORA_APP_ID: hex32(`agora-app:${project}`),
  AGORA_APP_CERTIFICATE: hex32(`agora-certificate:${project}`),
  AGORA_WEBHOOK_SECRET: `agora_${project}`,
  MEDIA_BASE_URL: `${publicUrl}/media`,
  PUBLIC_BASE_URL: publicUrl,
  CORS_ORIGINS: 'http://localhost:3000',
  TRUSTED_PROXY_HOPS: '0',
  WEBHOOK_TRUSTED_NETWORKS: '127.0.0.0/8',
  REQUIRE_VERIFIED_EMAIL: 'false',
  // The framework itself answers with stack traces unless it is told that this is production.
  NODE_ENV: 'production',
});

const FILE = join(LOCAL_DIR, 'environment.json');

/** Leaves the environment of the running stack for the commands that work on it. */
export const keepEnvironment = (environment: Readonly<Record<string, string>>): Promise<void> =>
  writeFile(FILE, JSON.stringify(environment), { mode: 0o600 });

/**
 * Gives a command its environment: the one it was started with when that names a database, else
 * that of the stack running from this clone. Throws when there is neither.
 */
export async function useEnvironment(): Promise<void> {
  if (process.env['MONGODB_URI']) return;
  if (!(await runningStack(LOCAL_DIR)))
    throw new Error('Nothing runs here: start the stack with `npm start`, or set MONGODB_URI.');
  Object.assign(process.env, JSON.parse(await readFile(FILE, 'utf8')), { LOG_LEVEL: 'warning' });
}

/** The address of the running stack. Throws when there is none. */
export async function runningUrl(): Promise<string> {
  const running = await runningStack(LOCAL_DIR);
  if (!running) throw new Error('Nothing runs here: start the stack with `npm start` first.');
  return running.url;
}
