import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import type { World } from './world.ts';

export interface MortalHost {
  readonly url: string;
  /** Ends it as a power cut would; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** Uses a switch of the local stack: `jobs/relayOutbox`, `clock?advanceSeconds=60`, `settle`. */
  readonly control: (what: string) => Promise<void>;
  /** From now on the payment provider tells this one. */
  readonly takeOver: () => Promise<void>;
}

/** Starts a host in a process of its own on the environment of this world, and lets it take over. */
export async function startMortalHost(world: World): Promise<MortalHost> {
  const host = await startSpareHost(world);
  await host.takeOver();
  return host;
}

/** Starts a host beside the one that works, as the cloud starts a second instance. */
export async function startSpareHost(world: World): Promise<MortalHost> {
  const child = fork(join(ROOT, 'tests/support/host-process.ts'), {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_COMPILE_CACHE: join(tmpdir(), 'mixillo-compile-cache'),
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = await addressOf(child);
  return {
    url,
    takeOver: async () => {
      await world.payments('PUT', `accounts/${process.env['STRIPE_SECRET_KEY']}`, {
        webhookUrl: `${url}/api/payments/webhooks/stripe`,
        webhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
      });
    },
    kill: async () => {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      else return;
      await gone;
    },
    control: async (what) => {
      const response = await fetch(`${url}/_local/${what}`, { method: 'POST' });
      const text = await response.text();
      if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the host ended with ${String(code)} while it started`);
  });
  const told = once(child, 'message').then(([message]) => (message as { url: string }).url);
  return Promise.race([told, failed]);
}
