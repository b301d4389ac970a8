import { spawn } from 'node:child_process';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { download, openArchive, packagesFor, unpack, useOwnLibraries } from './debian.ts';
import { makeTemplate } from './template.ts';

/** Changes whenever what is installed changes, so that an older cache is never taken for a newer one. */
const VERSION = '1.0-r1';
const SUITE = 'forky';
const PACKAGE = 'postgresql-18-documentdb';

type Log = (line: string) => void;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Where the engine is kept, outside of any clone, so that a second clone installs nothing. Root's
 * home is closed to others, and the server may not run as root: then it is the machine's cache.
 */
export async function documentDbFolder(): Promise<string> {
  const own = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const cache = process.getuid?.() === 0 && !(await openToOthers(own)) ? '/var/cache' : own;
  return join(cache, 'mixillo', `documentdb-${VERSION}`);
}

async function openToOthers(folder: string): Promise<boolean> {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    const mode = await stat(path).then(
      (found) => found.mode,
      () => 0o001, // not there yet: it will be made with our own mask
    );
    if ((mode & 0o001) === 0) return false;
  }
  return true;
}

/**
 * Makes sure that the DocumentDB engine is on this machine and returns its folder. Needs neither
 * root nor a container; nothing outside the cache folder changes. Rejects with one sentence when
 * the machine is offline or is not a Debian-like Linux.
 */
export async function installDocumentDb(log: Log): Promise<string> {
  const folder = await documentDbFolder();
  const stamp = join(folder, 'complete');
  if (await exists(stamp)) return folder;
  await mkdir(join(folder, '..'), { recursive: true });
  const release = await lock(`${folder}.lock`);
  try {
    if (!(await exists(stamp))) await install(folder, log);
  } finally {
    release();
  }
  return folder;
}

async function install(folder: string, log: Log): Promise<void> {
  const partial = `${folder}.partial`;
  const scratch = await mkdtemp(join(tmpdir(), 'mixillo-apt-'));
  await rm(partial, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    log('DocumentDB: reading the list of packages (the database that speaks MongoDB here)');
    const archive = await openArchive(scratch, SUITE).catch(explainMirror);
    const packages = await packagesFor(archive, PACKAGE);
    const size = packages.reduce((sum, { bytes }) => sum + bytes, 0);
    log(`DocumentDB: downloading ${packages.length} packages, ${megabytes(size)}, once`);
    const files = await download(archive, packages).catch(explainMirror);
    log('DocumentDB: unpacking');
    await unpack(files, partial);
    await adapt(partial);
    log('DocumentDB: making an empty database to copy from');
    await makeTemplate(partial);
    await writeFile(join(partial, 'complete'), `${new Date().toISOString()}\n`);
    await rename(partial, folder);
    log('DocumentDB: installed');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function explainMirror(cause: unknown): never {
  const offline =
    'The database engine is not installed yet and the Debian mirror does not answer: connect this ' +
    'machine to the network for the first start, or set MONGODB_URI to a MongoDB replica set.';
  const unsuitable =
    'The database engine comes from Debian packages and this machine has no apt: set MONGODB_URI ' +
    'to a MongoDB replica set (or put mongod on the PATH) and start again.';
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  throw new Error(missing ? unsuitable : offline, { cause });
}

/** Does by hand what the packages' maintainer scripts would have done. */
async function adapt(root: string): Promise<void> {
  const bin = join(root, 'usr/lib/postgresql/18/bin');
  for (const program of ['postgres', 'initdb']) {
    const path = join(bin, program);
    await useOwnLibraries(path, await readFile(path));
  }
  const extensions = join(root, 'usr/share/postgresql/18/extension');
  await copyFile(join(extensions, 'postgis-3.control'), join(extensions, 'postgis.control'));
  const grids = join(root, 'usr/share/proj');
  for (const file of await readdir(grids)) {
    if (file !== 'proj.db') await rm(join(grids, file), { recursive: true });
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Holds a kernel lock through a helper process, so that it is given back even if we are killed. */
async function lock(file: string): Promise<() => void> {
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = new Promise<never>((_, reject) => holder.once('error', reject));
  const lines = createInterface({ input: holder.stdout });
  await Promise.race([new Promise((resolve) => lines.once('line', resolve)), failed]).catch(
    explainMirror,
  );
  return () => {
    lines.close();
    holder.stdin.end();
  };
}
