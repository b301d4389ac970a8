import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Engine, Place } from '../engine.ts';

/** What a stand-in tells its parent once it listens. */
export type Ready = Readonly<Record<string, number | string>>;

interface Start {
  readonly name: string;
  readonly version: string;
  /** The file the child runs. */
  readonly entry: string;
  readonly place: Place;
  /** Sent over the private channel, so that secrets never show in a process list. */
  readonly settings: Readonly<Record<string, string>>;
  readonly describe: (ready: Ready) => { address: string; env: Readonly<Record<string, string>> };
}

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 3_000;

/** Runs a stand-in as a process of its own and resolves when it listens. */
export async function startChild(start: Start): Promise<Engine> {
  const startedAt = performance.now();
  const child = launch(start);
  let asked = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
  });
  const ready = await firstWord(child, ended, start);

  return {
    name: start.name,
    version: start.version,
    ...start.describe(ready),
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    startedInMs: Math.round(performance.now() - startedAt),
    exited: new Promise((resolve) => {
      void ended.then((reason) => asked || resolve(`${start.name} ${reason}`));
    }),
    stop: async () => {
      asked = true;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

function launch({ entry, place, settings }: Start): ChildProcess {
  mkdirSync(place.dataDir, { recursive: true });
  mkdirSync(dirname(place.logFile), { recursive: true });
  const log = openSync(place.logFile, 'a');
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  child.send(settings, () => undefined); // A child that could not start is reported by its exit.
  return child;
}

async function firstWord(
  child: ChildProcess,
  ended: Promise<string>,
  { name, place }: Start,
): Promise<Ready> {
  const spoken = new Promise<Ready>((resolve) =>
    child.once('message', (word: Ready) => resolve(word)),
  );
  const timer = Promise.withResolvers<string>();
  const late = setTimeout(() => timer.resolve('did not answer in time'), READY_WITHIN_MS);
  const first = await Promise.race([spoken, ended, timer.promise]);
  clearTimeout(late);
  if (typeof first === 'object') return first;
  child.kill('SIGKILL');
  throw new Error(`${name} could not start: it ${first}. Its output is in ${place.logFile}`);
}

interface Running {
  readonly ready: Ready;
  close(): Promise<void>;
}

/** The other half: what the entry file calls. The process ends when it is told to, or when its parent is gone. */
export function runChild(open: (settings: Readonly<Record<string, string>>) => Promise<Running>) {
  process.once('message', async (settings: Record<string, string>) => {
    const running = await open(settings);
    let leaving = false;
    const leave = async () => {
      if (leaving) return;
      leaving = true;
      await running.close();
      process.exit(0);
    };
    process.on('SIGTERM', leave);
    process.on('disconnect', leave);
    process.send?.(running.ready);
  });
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides the order.
}
