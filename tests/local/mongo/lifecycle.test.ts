import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startMongo } from '#local/mongo/engine.ts';
import { installDocumentDb } from '#local/mongo/install.ts';
import { eventually } from './support.ts';

let home: string;

beforeAll(async () => {
  vi.stubEnv('MONGODB_URI', ''); // this file is about starting one's own
  home = await mkdtemp(join(tmpdir(), 'mixillo-mongo-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const start = (): Promise<Engine> =>
  startMongo({ dataDir: home, logFile: join(home, 'log'), publicUrl: 'http://127.0.0.1' });

async function use<T>(engine: Engine, work: (db: mongo.Db) => Promise<T>): Promise<T> {
  const client = await mongo.MongoClient.connect(engine.env['MONGODB_URI'] ?? '');
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

const isRunning = (pid: number | undefined): boolean => {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
};

describe('the engine', () => {
  test('finds again what it stored before it was stopped', async () => {
    const first = await start();
    await use(first, async (db) => {
      await db.collection('kept').createIndex({ name: 1 }, { unique: true });
      await db.collection('kept').insertOne({ name: 'ada' });
    });
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await start();
    await use(second, async (db) => {
      expect(await db.collection('kept').countDocuments({ name: 'ada' })).toBe(1);
      expect((await db.collection('kept').indexes()).map(({ name }) => name)).toContain('name_1');
    });
    await second.stop();
  });

  test('says so when it dies, and starts again on the same data', async () => {
    const first = await start();
    await use(first, (db) => db.collection('survivors').insertOne({}));
    process.kill(first.pid ?? 0, 'SIGKILL');
    expect(await first.exited).toMatch(/PostgreSQL ended/);
    await first.stop();
    const second = await start();
    expect(await use(second, (db) => db.collection('survivors').countDocuments())).toBe(1);
    await second.stop();
  });

  test('is back for its clients after a part of it crashed', async () => {
    const engine = await start();
    await use(engine, async (db) => {
      const counts = db.collection<{ _id: string; n: number }>('counts');
      await counts.insertOne({ _id: 'a', n: 0 });
      const [backend = 0] = await childrenOf(engine.pid ?? 0, /mixillo postgres/);
      process.kill(backend, 'SIGKILL');
      for (let i = 0; i < 20; i++) await counts.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
      expect(await counts.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 20 });
    });
    await engine.stop();
  });

  test('ends with the process that started it, however that ends', async () => {
    const script = `
      const { startMongo } = await import(process.argv[1]);
      const [, , dataDir, logFile] = process.argv;
      const engine = await startMongo({ dataDir, logFile, publicUrl: '' });
      process.stdout.write(JSON.stringify({ pid: engine.pid, address: engine.address }));`;
    const module = new URL('../../../infra/local/mongo/engine.ts', import.meta.url).href;
    const own = await mkdtemp(join(tmpdir(), 'mixillo-mongo-'));
    const host = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, module, own, join(own, 'log')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [told] = (await once(host.stdout, 'data')) as [Buffer];
    const { pid, address } = JSON.parse(String(told)) as { pid: number; address: string };
    expect(isRunning(pid)).toBe(true);
    host.kill('SIGKILL');
    await eventually('the server is gone', () => Promise.resolve(!isRunning(pid)));
    await eventually('the gateway is gone', () => nobodyListens(address));
    await rm(own, { recursive: true, force: true });
  });

  test('refuses to share its data with a second one', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(/already uses the database/);
    await first.stop();
  });

  test('lives through nonsense on its port', async () => {
    const engine = await start();
    const [host = '', port] = engine.address.split(':');
    const nonsense = ['GET / HTTP/1.1\r\n\r\n', Buffer.alloc(64, 0xff), truncated(), empty()];
    for (const bytes of nonsense) {
      const socket = connect(Number(port), host);
      socket.on('error', () => undefined);
      socket.resume().end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(await use(engine, (db) => db.command({ ping: 1 }))).toMatchObject({ ok: 1 });
    await engine.stop();
  });

  test('that is given by MONGODB_URI is used as it is, and its password is not shown', async () => {
    vi.stubEnv('MONGODB_URI', 'mongodb+srv://me:secret@cluster.example.net/shop?retryWrites=true');
    const engine = await start();
    vi.stubEnv('MONGODB_URI', '');
    expect(engine).toMatchObject({
      address: 'cluster.example.net',
      env: { MONGODB_URI: 'mongodb+srv://me:secret@cluster.example.net/shop?retryWrites=true' },
    });
    await engine.stop();
  });
});

/** An OP_MSG whose document claims to be longer than the message. */
function truncated(): Buffer {
  const bytes = Buffer.alloc(31);
  bytes.writeInt32LE(31, 0);
  bytes.writeInt32LE(2013, 12);
  bytes.writeInt32LE(4_000, 21);
  return bytes;
}

/** An OP_MSG with an empty document. */
function empty(): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeInt32LE(26, 0);
  bytes.writeInt32LE(2013, 12);
  bytes.writeInt32LE(5, 21);
  return bytes;
}

test('two installations at once are one, and a finished one is found at once', async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const [first, second] = await Promise.all([installDocumentDb(log), installDocumentDb(log)]);
  expect(first).toBe(second);
  lines.length = 0;
  expect(await installDocumentDb(log)).toBe(first);
  expect(lines).toEqual([]);
});

test('a port is free again after a stop', async () => {
  const engine = await start();
  await engine.stop();
  expect(await nobodyListens(engine.address)).toBe(true);
});

const nobodyListens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = '', port] = address.split(':');
    const socket = connect(Number(port), host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

/** The processes below `pid` whose title matches. */
async function childrenOf(pid: number, title: RegExp): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = list.trim().split(' ').map(Number);
  const titles = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, i) => title.test(titles[i] ?? ''));
}
