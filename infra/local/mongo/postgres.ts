import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, chown, mkdir, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Life, lifeOf } from '#local/child.ts';
import { dyingWithUs, works } from './prefix.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; this is `nobody` on every Linux. */
const NOBODY = 65534;
const BOOT_DEADLINE_MS = 30_000;
const PORT = 5432;

/**
 * The whole server as the gateway expects it. What was committed survives the end of any process, but
 * not a power cut, which nobody's local data needs to.
 */
const SETTINGS = {
  listen_addresses: '',
  port: String(PORT),
  max_connections: '80',
  shared_buffers: '128MB',
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
  log_min_messages: 'log', // statement errors are answers to the client, not news for the log
  log_checkpoints: 'off',
  autovacuum_naptime: '2s', // without fresh statistics a new collection is sorted, not read in order
  autovacuum_analyze_threshold: '100',
  default_statistics_target: '20',
  shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb,pg_documentdb_extended_rum',
  'cron.launch_active_jobs': 'off', // the gateway removes expired documents itself
  'documentdb.enableBackgroundWorker': 'off',
  'documentdb.alternate_index_handler_name': 'extended_rum', // the default one never serves a sort
};

export interface Postgres extends Life {
  readonly pid: number;
  /** The folder of its Unix socket, which is what `pg` takes as host. */
  readonly host: string;
  readonly port: number;
}

/** How a client reaches the server's only database. */
export const connectionTo = ({ host, port }: { host: string; port: number }) =>
  ({ host, port, user: 'mixillo', database: 'postgres' }) as const;

/** Starts the server on an existing data directory and resolves when it answers. */
export async function startPostgres(
  tree: string,
  dataDir: string,
  logFile: string,
): Promise<Postgres> {
  await clearStaleLock(dataDir);
  const hadCrashed = await exists(join(dataDir, 'postmaster.pid'));
  try {
    return await launch(tree, dataDir, logFile);
  } catch (error) {
    if (!hadCrashed) throw error;
    await delay(1_000); // parts of the server that was killed may take a moment to notice
    return launch(tree, dataDir, logFile);
  }
}

async function launch(tree: string, dataDir: string, logFile: string): Promise<Postgres> {
  const host = await socketFolder(dataDir);
  const settings = {
    ...SETTINGS,
    unix_socket_directories: host,
    'documentdb.localhost_connection_string': `host=${host}`, // it calls itself to make collections
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const child = await spawnServerProgram(tree, 'postgres', ['-D', dataDir, ...flags], logFile);
  const life = lifeOf(
    child,
    'PostgreSQL',
    () => child.kill('SIGINT'), // fast shutdown: clients are cut, data files are left clean
    { insist: 'SIGQUIT' },
  );
  try {
    await answers({ host, port: PORT }, life.ended);
  } catch (error) {
    await life.stop();
    throw error;
  }
  return { ...life, pid: child.pid ?? 0, host, port: PORT };
}

async function answers(at: { host: string; port: number }, ended: Promise<string>): Promise<void> {
  const deadline = Date.now() + BOOT_DEADLINE_MS;
  let gone: string | undefined;
  void ended.then((reason) => (gone = reason));
  for (;;) {
    const client = new Client(connectionTo(at));
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (gone !== undefined) {
        throw new Error(`${gone} while starting; its log says why`, { cause: error });
      }
      if (Date.now() > deadline)
        throw new Error('PostgreSQL did not answer in 30 s', { cause: error });
      await delay(20);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Runs `initdb` into a folder that does not exist yet. */
export async function initDataDir(tree: string, dataDir: string, logFile: string): Promise<void> {
  const child = await spawnServerProgram(
    tree,
    'initdb',
    ['-D', dataDir, '-U', 'mixillo', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    logFile,
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`initdb failed (code ${code}); ${logFile} says why`);
}

/** Makes `folder` belong to whoever the server runs as. */
export async function giveToServer(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await run('chown', ['-R', `${NOBODY}:${NOBODY}`, folder]);
}

async function spawnServerProgram(
  tree: string,
  program: string,
  args: readonly string[],
  logFile: string,
): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  const path = join(tree, 'usr/lib/postgresql/18/bin', program);
  const [command = path, ...rest] = [...(await asServer()), path, ...args];
  const child = spawn(command, rest, {
    cwd: '/',
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      PROJ_DATA: join(tree, 'usr/share/proj'),
      TZDIR: join(tree, 'usr/share/zoneinfo'),
    },
    detached: true, // Ctrl-C in the terminal reaches us, and we stop the server in order
  });
  await new Promise<void>((resolve) => {
    child.once('spawn', () => resolve());
    child.once('error', () => resolve());
  });
  await log.close();
  return child;
}

/**
 * The prefix that drops root and ties the server's life to ours. As root it keeps the right to walk
 * through folders that only root may enter, because caches and clones live in root's home.
 */
async function asServer(): Promise<string[]> {
  const death = await dyingWithUs('INT');
  if (process.getuid?.() !== 0) return death;
  const user = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
  const walk = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
  const drop = (await works([...user, ...walk])) ? [...user, ...walk] : user;
  return [...drop, ...death.slice(1)];
}

/** The socket lives beside the data; a path that is too long for a socket gets a short one. */
async function socketFolder(dataDir: string): Promise<string> {
  const beside = join(dataDir, '..', 'socket');
  const folder =
    beside.length < 80 ? beside : join(tmpdir(), `mixillo-pg-${process.pid}-${Date.now() % 1e6}`);
  await mkdir(folder, { recursive: true });
  if (process.getuid?.() === 0) await chown(folder, NOBODY, NOBODY);
  return folder;
}

/**
 * PostgreSQL itself sees whether the owner of a lock file is alive, but takes any process that has
 * got the same number since for the owner. An orphaned server is stopped; one in use is respected.
 */
async function clearStaleLock(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const pid = Number(text.split('\n', 1)[0]);
  if (!(await exists(`/proc/${pid}`))) return;
  if (!(await serves(pid, dataDir))) return rm(file, { force: true });
  if (!(await orphaned(pid))) {
    throw new Error(`another stack (process ${pid}) already uses the database in ${dataDir}`);
  }
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + 10_000;
  while (await exists(file)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} keeps the database in ${dataDir}`);
    await delay(50);
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const serves = (pid: number, dataDir: string): Promise<boolean> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (line) => line.includes(dataDir),
    () => false,
  );

const orphaned = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (line) => line.slice(line.lastIndexOf(')') + 2).split(' ')[1] === '1',
    () => true,
  );
