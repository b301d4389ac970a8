import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import type { HostMessage } from './host-process.ts';
import type { World } from './world.ts';

export interface MortalHost {
  readonly url: string;
  /** Ends it as a power cut would; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Uses a switch of the local stack: `jobs/relayOutbox`, `clock?advanceSeconds=60`. */
  readonly control: (what: string, body?: object) => Promise<void>;
  /** What it is working on, by what it was asked for; once it is gone, what it has left undone. */
  readonly underway: ReadonlyMap<number, string>;
  /** From now on this is called with all that it begins to work on. */
  readonly onBegin: (hear: (number: number, path: string) => void) => void;
}

/**
 * Starts a host in a process of its own on the environment of this world, by the clock of this
 * world. Nothing is brought to it but by a `Cloud`.
 */
export async function startMortalHost(world: World): Promise<MortalHost> {
  const child = fork(join(ROOT, 'tests/support/host-process.ts'), {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_COMPILE_CACHE: join(tmpdir(), 'mixillo-compile-cache'),
      HOST_CLOCK_AHEAD_MS: String(Math.max(0, world.now().getTime() - Date.now())),
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const underway = new Map<number, string>();
  let hear: (number: number, path: string) => void = () => undefined;
  const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  const url = await listening(child, (message) => {
    if ('ended' in message) underway.delete(message.ended);
    if (!('began' in message)) return;
    underway.set(message.began, message.path);
    hear(message.began, message.path);
  });
  return {
    url,
    underway,
    onBegin: (listener) => {
      hear = listener;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    control: async (what, body = {}) => {
      const sent = { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`${url}/_local/${what}`, sent);
      const text = await response.text();
      if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
    },
  };
}

async function listening(
  child: ChildProcess,
  hear: (message: HostMessage) => void,
): Promise<string> {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the host ended with ${String(code)} while it started`);
  });
  const told = new Promise<string>((resolve) => {
    child.on('message', (message: HostMessage) =>
      'url' in message ? resolve(message.url) : hear(message),
    );
  });
  return Promise.race([told, failed]);
}
