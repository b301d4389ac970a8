import { type ChildProcess, fork } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Engine, Place, StartEngine } from '../engine.ts';
import { installDocumentDb } from './install.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { ensureDataDir } from './template.ts';

const REPLICA_SET = 'mixillo';

/** Starts whatever MongoDB this machine can have; see the README for the order. */
export const startMongo: StartEngine = (place) => startDocumentDb(place);

async function startDocumentDb(place: Place): Promise<Engine> {
  const began = performance.now();
  const tree = await installDocumentDb((line) => console.log(line));
  const dataDir = await ensureDataDir(tree, place.dataDir);
  const postgres = await startPostgres(tree, dataDir, place.logFile);
  const gateway = await startGateway(postgres, place.logFile).catch(async (error: unknown) => {
    await postgres.stop();
    throw error;
  });
  const address = `127.0.0.1:${gateway.port}`;
  return {
    name: 'mongo',
    version: 'DocumentDB 1.0 on PostgreSQL 18',
    address,
    pid: postgres.pid,
    startedInMs: Math.round(performance.now() - began),
    env: { MONGODB_URI: `mongodb://${address}/mixillo?replicaSet=${REPLICA_SET}` },
    exited: Promise.race([postgres.exited, gateway.exited]),
    stop: async () => {
      await gateway.stop();
      await postgres.stop();
    },
  };
}

interface Gateway {
  readonly port: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

async function startGateway(postgres: Postgres, logFile: string): Promise<Gateway> {
  const log = await open(logFile, 'a');
  const { host, port } = postgres;
  const options = { host, port, replicaSet: REPLICA_SET, listen: 0 };
  const child = fork(new URL('./gateway/main.ts', import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    execArgv: [],
  });
  await log.close();
  let asked = false;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(`the MongoDB gateway ended (${signal ?? `code ${code}`})`),
    );
  });
  const exited = new Promise<string>((resolve) => {
    void ended.then((reason) => (asked ? undefined : resolve(reason)));
  });
  const listening = await Promise.race([portOf(child), ended]);
  if (typeof listening === 'string') throw new Error(`${listening} while starting`);
  const stop = async () => {
    asked = true;
    if (child.connected) child.disconnect();
    const slow = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(slow);
  };
  return { port: listening, exited, stop };
}

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
  });
