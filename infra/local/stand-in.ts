import { mkdirSync } from 'node:fs';
import { type Child, launch } from './child.ts';
import type { Engine, Place } from './engine.ts';

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

/** Runs a stand-in as a process of its own and resolves when it listens. */
export async function startChild({ name, version, entry, place, settings, describe }: Start) {
  const startedAt = performance.now();
  const { dataDir, logFile } = place;
  mkdirSync(dataDir, { recursive: true });
  const child = launch({ name, command: process.execPath, args: [entry], logFile, messages: true });
  child.process.send(settings, () => undefined); // A child that could not start is reported by its exit.
  const ready = await firstWord(child, name).catch(async (problem: unknown) => {
    await child.stop();
    throw problem;
  });
  return {
    name,
    version,
    ...describe(ready),
    pid: child.pid,
    startedInMs: Math.round(performance.now() - startedAt),
    exited: child.exited,
    stop: child.stop,
  } satisfies Engine;
}

async function firstWord(child: Child, name: string): Promise<Ready> {
  const spoken = new Promise<Ready>((resolve) => child.process.once('message', resolve));
  const timer = Promise.withResolvers<string>();
  const late = setTimeout(() => timer.resolve('it did not answer in time'), READY_WITHIN_MS);
  const first = await Promise.race([spoken, child.exited, timer.promise]);
  clearTimeout(late);
  if (typeof first === 'object') return first;
  throw new Error(`${name} could not start: ${first}`);
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
