import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { config } from './config.ts';
import type { PasswordResult, PasswordTask } from './password.worker.ts';
import { Unavailable } from './problem.ts';

/** bcrypt reads no further; a longer password is refused instead of cut. */
export const MAX_PASSWORD_BYTES = 72;

/** A bcrypt hash of the configured cost, made off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  return String(await inWorker(password, { cost: config().BCRYPT_COST }));
}

/**
 * Whether the password is the one behind the hash. Without a hash the same work is done for
 * nothing, so that the time of the answer does not tell whether there is an account.
 */
export async function passwordMatches(
  password: string,
  hash: string | undefined,
): Promise<boolean> {
  const same = await inWorker(password, { hash: hash ?? hashOfNobody() });
  return hash !== undefined && same === true;
}

/** Has the form of a hash of the configured cost, and no password. */
const hashOfNobody = (): string => `$2b$${config().BCRYPT_COST}$${'.'.repeat(53)}`;

/** bcryptjs computes up to 100 ms at a stretch even by its asynchronous calls: hence threads. */
const MOST_WORKERS = Math.min(2, availableParallelism());
/** With more waiting than that, each would wait longer than its caller does. */
const MOST_WAITING = 200;

/** Found from the root of the sources or of the bundle, wherever in it this module was put. */
function workerFile(): URL {
  const name = `shared/platform/password.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL(name, folder))) {
    if (folder.pathname === '/') throw new Error(`${name} is not part of this deployment`);
    folder = new URL('..', folder);
  }
  return new URL(name, folder);
}

interface Waiting {
  readonly resolve: (result: string | boolean) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

const threads: Thread[] = [];
let lastId = 0;

function inWorker(password: string, against: PasswordTask['against']): Promise<string | boolean> {
  const thread = leastBusy();
  if (thread.waiting.size >= MOST_WAITING) throw new Unavailable({ retryAfterSeconds: 2 });
  return new Promise((resolve, reject) => {
    const id = ++lastId;
    thread.waiting.set(id, { resolve, reject });
    // A waiting caller keeps the process alive; an idle thread does not.
    thread.worker.ref();
    thread.worker.postMessage({ id, password, against } satisfies PasswordTask);
  });
}

function leastBusy(): Thread {
  const [first, ...others] = threads;
  if (!first) return startThread();
  const idlest = others.reduce(
    (best, thread) => (thread.waiting.size < best.waiting.size ? thread : best),
    first,
  );
  return idlest.waiting.size > 0 && threads.length < MOST_WORKERS ? startThread() : idlest;
}

function startThread(): Thread {
  const worker = new Worker(workerFile());
  const thread: Thread = { worker, waiting: new Map() };
  worker.unref();
  worker.on('message', ({ id, result, error }: PasswordResult) => {
    const caller = thread.waiting.get(id);
    thread.waiting.delete(id);
    if (thread.waiting.size === 0) worker.unref();
    if (result === undefined) caller?.reject(new Error(`Password not processed: ${error}`));
    else caller?.resolve(result);
  });
  const end = (cause: Error): void => {
    const index = threads.indexOf(thread);
    if (index !== -1) threads.splice(index, 1);
    for (const { reject } of thread.waiting.values()) reject(cause);
    thread.waiting.clear();
  };
  worker.on('error', (error) => end(error as Error));
  worker.on('exit', () => end(new Error('Password thread ended')));
  threads.push(thread);
  return thread;
}
