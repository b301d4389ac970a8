import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { startRelay } from '#local/google/relay.ts';
import { deliveriesFor } from '#local/host/routes.ts';
import { startScheduler } from '#local/host/scheduler.ts';
import { TOPICS } from '#platform/event.ts';
import { listen } from '#platform/function-server.ts';
import type { MortalHost } from './mortal-host.ts';
import type { World } from './world.ts';

/** What outlives a host: it brings events, ticks and the payment provider's notices to whichever is up. */
export interface Cloud {
  /** From now on this host is asked. */
  readonly serveWith: (host: MortalHost) => void;
  /** Ends the host as a power cut would. What comes after that waits for the next one. */
  readonly kill: () => Promise<void>;
  /** Runs the jobs that are due by the clock of the world; resolves when none runs any more. */
  readonly runDueJobs: () => Promise<void>;
  /** Resolves when all events so far have been delivered and dealt with. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startCloud(world: World): Promise<Cloud> {
  let host: MortalHost | undefined;
  let serving = Promise.withResolvers<string>();
  const server = createServer((req, res) => void pass(req, res, serving.promise));
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const relay = await startRelay({
    projectId: process.env['GOOGLE_CLOUD_PROJECT'] ?? '',
    routes: deliveriesFor(world.host.functions, url),
    topics: TOPICS,
  });
  const ticks = new Set<Promise<unknown>>();
  const scheduler = startScheduler(world.host.functions.jobs, (name) => {
    const tick = fetch(`${url}/_local/jobs/${name}`, { method: 'POST' });
    ticks.add(tick);
    return tick.finally(() => ticks.delete(tick));
  });
  await world.payments('PUT', `accounts/${process.env['STRIPE_SECRET_KEY']}`, {
    webhookUrl: `${url}/api/payments/webhooks/stripe`,
    webhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
  });
  const kill = async (): Promise<void> => {
    serving = Promise.withResolvers<string>();
    await host?.kill();
  };
  return {
    serveWith: (next) => {
      host = next;
      serving.resolve(next.url);
    },
    kill,
    runDueJobs: async () => {
      await scheduler.runDue();
      await Promise.allSettled(ticks);
    },
    settle: async () => {
      for (let round = 0; round < 2; round += 1) {
        await host?.control('settle');
        await relay.idle();
      }
    },
    stop: async () => {
      serving.resolve(url); // nobody waits any more
      await kill();
      server.closeAllConnections();
      server.close();
      await Promise.all([scheduler.stop(), relay.stop()]);
    },
  };
}

/** Hands a request to the host that is up, once one is; one that is cut is answered as a gateway does. */
async function pass(
  req: IncomingMessage,
  res: ServerResponse,
  serving: Promise<string>,
): Promise<void> {
  const sent = await buffer(req);
  const { host: _, connection: __, 'content-length': ___, ...headers } = req.headers;
  try {
    const answer = await fetch(`${await serving}${req.url}`, {
      ...{ method: req.method ?? 'POST', headers: headers as Record<string, string> },
      body: new Uint8Array(sent),
    });
    res.writeHead(answer.status, { 'content-type': 'application/json' });
    res.end(await answer.text());
  } catch {
    res.writeHead(502).end();
  }
}
