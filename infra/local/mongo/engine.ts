import { fork } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Life, lifeOf } from '#local/child.ts';
import type { Engine, Place, StartEngine } from '../engine.ts';
import type { GatewayOptions } from './gateway/main.ts';
import { installDocumentDb } from './install.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { ensureDataDir, hasDataDir } from './template.ts';

const REPLICA_SET = 'mixillo';

/**
 * Starts a MongoDB for the product: the one that `MONGODB_URI` names, else a `mongod` that this
 * machine has or can fetch quickly, else DocumentDB. A place that already holds DocumentDB's data
 * keeps DocumentDB, so that what was stored is found again.
 */
export const startMongo: StartEngine = async (place) => {
  const given = process.env['MONGODB_URI'];
  if (given !== undefined && given !== '') return givenMongo(given);
  if (await hasDataDir(place.dataDir)) return startDocumentDb(place);
  const { findMongod } = await import('./mongod.ts'); // loads a driver, which is rarely needed
  const program = await findMongod();
  return program === undefined ? startDocumentDb(place) : startRealMongo(program, place);
};

const never = new Promise<string>(() => undefined);

function givenMongo(uri: string): Engine {
  return {
    name: 'mongo',
    version: 'as MONGODB_URI says',
    address: uri.replace(/^[^/]*\/\/([^@/]*@)?([^/?]*).*$/, '$2'), // never the password
    startedInMs: 0,
    env: { MONGODB_URI: uri },
    exited: never,
    stop: () => Promise.resolve(),
  };
}

async function startRealMongo(program: string, place: Place): Promise<Engine> {
  const began = performance.now();
  const { startMongod } = await import('./mongod.ts');
  const { address, version, pid, replicaSet, exited, stop } = await startMongod(
    program,
    join(place.dataDir, 'mongod'),
    place.logFile,
  );
  const env = { MONGODB_URI: uriOf(address, replicaSet) };
  return { name: 'mongo', version, address, pid, startedInMs: since(began), env, exited, stop };
}

async function startDocumentDb(place: Place): Promise<Engine> {
  const tree = await installDocumentDb((line) => console.log(line));
  const began = performance.now();
  await mkdir(place.dataDir, { recursive: true });
  const dataDir = await ensureDataDir(tree, place.dataDir);
  const postgres = await startPostgres(tree, dataDir, place.logFile);
  const gateway = await startGateway(postgres, place.logFile).catch(async (error: unknown) => {
    await postgres.stop();
    throw error;
  });
  const address = `127.0.0.1:${gateway.port}`;
  const uri = uriOf(address, REPLICA_SET);
  return {
    name: 'mongo',
    version: 'DocumentDB 1.0 on PostgreSQL 18',
    address,
    pid: postgres.pid,
    startedInMs: since(began),
    env: { MONGODB_URI: uri, MONGODB_AUDIT_URI: `${uri}&appName=auditor` },
    exited: Promise.race([postgres.exited, gateway.exited]),
    stop: async () => {
      await gateway.stop();
      await postgres.stop();
    },
  };
}

const uriOf = (address: string, replicaSet: string): string =>
  `mongodb://${address}/mixillo?replicaSet=${replicaSet}`;

const since = (began: number): number => Math.round(performance.now() - began);

/** A process of its own, so that translating for many clients never holds up the one who started it. */
async function startGateway(
  { host, port }: Postgres,
  logFile: string,
): Promise<Life & { port: number }> {
  const options: GatewayOptions = { host, port, replicaSet: REPLICA_SET, listen: 0 };
  const log = await open(logFile, 'a');
  const child = fork(new URL('./gateway/main.ts', import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    execArgv: [],
    detached: true,
  });
  await log.close();
  const life = lifeOf(child, 'the MongoDB gateway', () => {
    if (child.connected) child.disconnect();
  });
  const listening = new Promise<number>((resolve) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
  });
  const answer = await Promise.race([listening, life.ended]);
  if (typeof answer === 'string') throw new Error(`${answer} while starting`);
  return { ...life, port: answer };
}
