import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { connectionTo, giveToServer, initDataDir, startPostgres } from './postgres.ts';

const run = promisify(execFile);

/** Makes the data directory that every new database is a copy of: initdb and the extensions, once. */
export async function makeTemplate(tree: string): Promise<void> {
  const home = join(tree, 'template');
  const data = join(home, 'data');
  const log = join(home, 'template.log');
  await mkdir(home, { recursive: true });
  await giveToServer(home);
  await initDataDir(tree, data, log);
  const server = await startPostgres(tree, data, log);
  const client = new Client(connectionTo(server));
  try {
    await client.connect();
    await client.query('CREATE EXTENSION documentdb CASCADE');
    await client.query('CREATE EXTENSION documentdb_extended_rum CASCADE');
  } finally {
    await client.end().catch(() => undefined);
    await server.stop();
  }
}

const dataIn = (home: string): string => join(home, 'data');

/** Whether `home` already holds a database of ours. */
export const hasDataDir = (home: string): Promise<boolean> =>
  stat(join(dataIn(home), 'PG_VERSION')).then(
    () => true,
    () => false,
  );

/** The data directory below `home`, copied from the template when there is none yet. */
export async function ensureDataDir(tree: string, home: string): Promise<string> {
  const data = dataIn(home);
  if (await hasDataDir(home)) return data;
  const partial = await mkdtemp(join(home, 'copying-'));
  await run('cp', ['-a', '--reflink=auto', join(tree, 'template/data'), partial]);
  await giveToServer(partial);
  await rename(join(partial, 'data'), data);
  await rm(partial, { recursive: true, force: true });
  return data;
}
