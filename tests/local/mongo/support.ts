import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, vi } from 'vitest';
import { startMongo } from '#local/mongo/engine.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

export interface Mongo {
  readonly uri: string;
  readonly client: mongo.MongoClient;
  /** A database of this test file alone. */
  readonly db: mongo.Db;
}

/** The engine that `MONGODB_URI` names, or one of this file's own, with a fresh database. */
export function useMongo(): Mongo {
  const held: { uri?: string; client?: mongo.MongoClient; db?: mongo.Db } = {};
  const endings: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'mixillo-mongo-'));
    endings.push(() => rm(home, { recursive: true, force: true }));
    const engine = await startMongo({
      dataDir: home,
      logFile: join(home, 'log'),
      publicUrl: 'http://127.0.0.1',
    });
    endings.push(() => engine.stop());
    held.uri = engine.env['MONGODB_URI'] ?? '';
    held.client = await mongo.MongoClient.connect(held.uri, { maxPoolSize: 60 });
    held.db = held.client.db(`test_${randomUUID().slice(0, 8)}`);
    endings.push(
      () => held.db?.dropDatabase() ?? Promise.resolve(),
      () => held.client?.close() ?? Promise.resolve(),
    );
  });
  afterAll(async () => {
    // in the order opposite to how they were made, except that the database goes before its client
    const [removeHome, stopEngine, dropDatabase, closeClient] = endings;
    for (const end of [dropDatabase, closeClient, stopEngine, removeHome]) await end?.();
  });
  const got = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the engine is not up yet');
    return value;
  };
  return {
    get uri() {
      return got(held.uri);
    },
    get client() {
      return got(held.client);
    },
    get db() {
      return got(held.db);
    },
  };
}

/** Asks again until the answer is yes; fails when it never is. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await delay(50);
  }
}

/** The error that a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<mongo.MongoError> {
  try {
    await work;
  } catch (error) {
    return error as mongo.MongoError;
  }
  throw new Error('it succeeded');
}

export interface Lossy {
  readonly uri: string;
  /** The next reply to a command of this name is lost, together with its connection. */
  loseReplyTo(command: string): void;
  readonly lost: number;
  close(): Promise<void>;
}

/** A network between driver and engine that can lose an answer on its way back. */
export async function lossyNetwork(uri: string): Promise<Lossy> {
  const { hostname, port } = new URL(uri);
  const state = { doomed: undefined as string | undefined, lost: 0 };
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let losing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        if (!losing) upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (state.doomed !== undefined && chunk.includes(`${state.doomed}\0`, 0, 'latin1')) {
        state.doomed = undefined;
        losing = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!losing) return client.write(chunk);
      state.lost += 1;
      client.destroy();
      return upstream.destroy();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: own } = server.address() as { port: number };
  return {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    loseReplyTo: (command) => {
      state.doomed = command;
    },
    get lost() {
      return state.lost;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
