import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose from 'mongoose';
import { atMost } from './at-most.ts';
import { auditorsConnection, forgetAuditor } from './auditor.ts';
import { config } from './config.ts';
import { log } from './log.ts';
import { Unavailable } from './problem.ts';

mongoose.set('transactionAsyncLocalStorage', true);
mongoose.set('strictQuery', 'throw');
mongoose.set('bufferCommands', false);
mongoose.set('autoIndex', false);
mongoose.set('autoCreate', false);

let connecting: Promise<unknown> | undefined;

/**
 * The one connection of this instance. A failed attempt is forgotten, so that the next request
 * tries again; the driver itself reconnects after a connection was lost.
 */
export async function connect(): Promise<void> {
  const { MONGODB_URI, MONGODB_MAX_POOL_SIZE } = config();
  connecting ??= mongoose.connect(MONGODB_URI, {
    maxPoolSize: MONGODB_MAX_POOL_SIZE,
    minPoolSize: 0,
    maxIdleTimeMS: 60_000,
    serverSelectionTimeoutMS: 3000,
    connectTimeoutMS: 3000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 45_000,
  });
  try {
    await connecting;
  } catch (error) {
    connecting = undefined;
    log.error('database unreachable', { error });
    throw new Unavailable({ retryAfterSeconds: 2, cause: error });
  }
}

export async function disconnect(): Promise<void> {
  connecting = undefined;
  forgetAuditor();
  await mongoose.disconnect();
}

/** Milliseconds of one round trip to the database. Throws when it does not answer. */
export async function pingDatabase(): Promise<number> {
  await connect();
  const began = performance.now();
  await mongoose.connection.db?.command({ ping: 1 });
  return Math.round(performance.now() - began);
}

type Write<Row = never> = (rows: readonly Row[]) => Promise<void>;

interface Open {
  /** What is written as the last of it, by who writes it. */
  readonly atEnd: Map<Write, unknown[]>;
  readonly afterCommit: (() => void)[];
}
const open = new AsyncLocalStorage<Open>();

/** Past this, a transaction that keeps losing to others gives up instead of holding its caller. */
const PATIENCE_MS = 20_000;

/**
 * A hundred transactions on ten connections all get slow together and beat each other; ten at a
 * time are quick.
 */
const inTransactionRoom = atMost(() => config().MONGODB_MAX_POOL_SIZE);

/**
 * Runs work in one transaction, or joins the one already open. The driver may run `work` again
 * after a write conflict: touch only the database in it, and await one operation at a time.
 */
export async function transaction<Result>(work: () => Promise<Result>): Promise<Result> {
  if (open.getStore()) return work();
  await connect();
  const began = performance.now();
  let opened: Open | undefined;
  const attempts = () =>
    (auditorsConnection() ?? mongoose.connection).transaction(
      () => {
        if (performance.now() - began > PATIENCE_MS)
          throw new Unavailable({ retryAfterSeconds: 1 });
        const fresh: Open = { atEnd: new Map(), afterCommit: [] };
        opened = fresh;
        return open.run(fresh, async () => {
          const done = await work();
          for (const [write, rows] of fresh.atEnd) await write(rows as never);
          return done;
        });
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    );
  const result = await inTransactionRoom(attempts);
  for (const hook of opened?.afterCommit ?? []) hook();
  return result as Result;
}

export const inTransaction = (): boolean => open.getStore() !== undefined;

/**
 * Asks several things at once; one after the other where a transaction is open, because its
 * session answers one at a time.
 */
export async function allOf<Answers extends readonly unknown[]>(
  questions: {
    readonly [Position in keyof Answers]: () => PromiseLike<Answers[Position]>;
  },
): Promise<Answers> {
  if (!inTransaction())
    return (await Promise.all(questions.map((ask) => ask()))) as unknown as Answers;
  const answers: unknown[] = [];
  for (const ask of questions) answers.push(await ask());
  return answers as unknown as Answers;
}

/**
 * Leaves rows to the end of the transaction around it, where all that were left to the same function
 * are written by one call of it.
 */
export function writeAtEnd<Row>(write: Write<Row>, rows: readonly Row[]): void {
  const store = open.getStore();
  if (!store) throw new Error('writeAtEnd() must be called inside transaction()');
  store.atEnd.set(write, [...(store.atEnd.get(write) ?? []), ...rows]);
}

/** Runs the hook once the transaction around it has been committed, and never if it is not. */
export function afterCommit(hook: () => void): void {
  const store = open.getStore();
  if (!store) throw new Error('afterCommit() must be called inside transaction()');
  store.afterCommit.push(hook);
}
