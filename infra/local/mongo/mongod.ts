import { execFile, spawn } from 'node:child_process';
import { access, constants, mkdir, open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server';
import mongoose from 'mongoose';
import { freePort, type Life, lifeOf } from '#local/child.ts';
import { dyingWithUs } from './prefix.ts';

const run = promisify(execFile);

const REPLICA_SET = 'mixillo';
const PROBE_MS = 3_000;
const DOWNLOAD_MS = 120_000;
const BOOT_DEADLINE_MS = 60_000;

/** A real MongoDB server program, if this machine has one or can fetch one quickly. */
export async function findMongod(): Promise<string | undefined> {
  return (await onPath('mongod')) ?? (await cached()) ?? (await downloaded());
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (await access(path, constants.X_OK).then(yes, no)) return path;
  }
  return undefined;
}

const yes = () => true;
const no = () => false;

const cached = async (): Promise<string | undefined> =>
  DryMongoBinary.generateOptions()
    .then((options) => DryMongoBinary.locateBinary(options))
    .catch(() => undefined); // a platform for which MongoDB builds nothing

async function downloaded(): Promise<string | undefined> {
  const host = process.env['MONGOMS_DOWNLOAD_MIRROR'] ?? 'https://fastdl.mongodb.org';
  const near = await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) })
    .then(({ status }) => status < 500)
    .catch(no);
  if (!near) return undefined;
  console.log('MongoDB: downloading the server that mongodb-memory-server uses, once');
  const late = delay(DOWNLOAD_MS, undefined, { ref: false });
  return Promise.race([MongoBinary.getPath().catch(() => undefined), late]);
}

export interface Mongod extends Life {
  readonly address: string;
  readonly pid: number;
  readonly replicaSet: string;
  readonly version: string;
}

/** Starts the program as a replica set of one and resolves when it takes writes. */
export async function startMongod(
  program: string,
  dataDir: string,
  logFile: string,
): Promise<Mongod> {
  const { stdout } = await run(program, ['--version']);
  const version = /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '(unknown version)';
  const port = await freePort();
  await mkdir(dataDir, { recursive: true });
  const storage = ['--dbpath', dataDir, '--replSet', REPLICA_SET];
  const network = ['--port', `${port}`, '--bind_ip', '127.0.0.1', '--nounixsocket'];
  const [command = program, ...prefix] = [...(await dyingWithUs('TERM')), program];
  const log = await open(logFile, 'a');
  const child = spawn(command, [...prefix, ...storage, ...network], {
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C in the terminal reaches us, and we stop it in order
  });
  const life = lifeOf(child, 'mongod', () => child.kill('SIGTERM'));
  await log.close();
  try {
    await Promise.race([
      becomePrimary(port),
      life.ended.then((reason) => Promise.reject(new Error(reason))),
    ]);
  } catch (cause) {
    await life.stop();
    throw new Error(`mongod did not become ready; ${logFile} says why`, { cause });
  }
  const address = `127.0.0.1:${port}`;
  return {
    ...life,
    address,
    pid: child.pid ?? 0,
    replicaSet: REPLICA_SET,
    version: `MongoDB ${version}`,
  };
}

/** Makes a new server a replica set; one whose data was a replica set under another port, ours again. */
async function becomePrimary(port: number): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const client = new mongoose.mongo.MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: BOOT_DEADLINE_MS,
  });
  try {
    const admin = client.db('admin');
    const config = { _id: REPLICA_SET, members: [{ _id: 0, host }] };
    await admin.command({ replSetInitiate: config }).catch(async () => {
      const { config: old } = await admin.command({ replSetGetConfig: 1 });
      await admin.command({
        replSetReconfig: { ...old, members: config.members, version: old.version + 1 },
        force: true,
      });
    });
    const deadline = Date.now() + BOOT_DEADLINE_MS;
    while (!(await admin.command({ hello: 1 }))['isWritablePrimary']) {
      if (Date.now() > deadline) throw new Error('no primary was elected');
      await delay(50);
    }
  } finally {
    await client.close();
  }
}
