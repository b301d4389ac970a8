import type { RequestListener, Server } from 'node:http';
import { discover, type Functions, kebab, pathGroups } from '#build/discover.ts';
import { rewritesFor } from '#build/rewrites.ts';
import { startRelay } from '#local/google/relay.ts';
import type { Authenticate } from '#platform/access.ts';
import { sendBareProblem } from '#platform/bare.ts';
import { clock } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { connect, disconnect } from '#platform/database.ts';
import { TOPICS } from '#platform/event.ts';
import { decodable } from '#platform/front.ts';
import { drain, frameworkListener, httpServer, listen } from '#platform/function-server.ts';
import { publicationsSettled, relay as relayOutbox } from '#platform/outbox.ts';
import { MalformedRequest, NotFound } from '#platform/problem.ts';
import { handlerOf } from '#platform/serve.ts';
import { control } from './control.ts';
import { hosting } from './hosting.ts';
import { mediaProxy } from './media-proxy.ts';
import { deliveriesFor } from './routes.ts';
import { startScheduler } from './scheduler.ts';
import { announceTo } from './sinks.ts';

export interface HostOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Whether events, storage events and scheduled jobs are delivered. */
  readonly background: boolean;
  readonly pages?: RequestListener;
}

export interface Host {
  readonly url: string;
  readonly functions: Functions;
  /** Calls a job as the scheduler would; resolves with the status it answered. */
  readonly runJob: (name: string) => Promise<number>;
  /** Resolves when every event committed so far has been delivered and dealt with. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const authenticate: Authenticate = async (token, now) =>
  (await import('#domain/auth/authenticate.ts')).authenticate(token, now);

/**
 * One process that serves every function through the framework's own pipeline, at the addresses
 * hosting would give them, and delivers events, objects and ticks to the same handlers as the
 * cloud does.
 */
export async function startHost({ port, background, pages }: HostOptions): Promise<Host> {
  const functions = await discover();
  const targets = await targetsOf(functions);
  const front = hosting(rewritesFor(functions.endpoints), targets);
  const controls = {
    runJob: (name: string): Promise<number> => callJob(url, name),
    runDueJobs: async (): Promise<void> => scheduler?.runDue(),
    settle: (): Promise<void> => settle(),
    url: (): string => url,
  };

  const listener: RequestListener = (req, res) => {
    const path = req.url ?? '/';
    if (!decodable(path)) return sendBareProblem(res, new MalformedRequest());
    if (path.startsWith('/_local/')) return void control(req, res, controls);
    if (path.startsWith('/media/')) return mediaProxy(req, res);
    const direct = /^\/functions\/([A-Za-z0-9]+)(?=[/?]|$)/.exec(path);
    if (direct?.[1]) {
      const target = targets.get(kebab(direct[1]));
      if (!target) return sendBareProblem(res, new NotFound());
      req.url = path.slice(direct[0].length) || '/';
      if (!req.url.startsWith('/')) req.url = `/${req.url}`;
      return target(req, res);
    }
    if (/^\/api(?=[/?]|$)/.test(path)) return front(req, res);
    return pages ? pages(req, res) : sendBareProblem(res, new NotFound());
  };
  const server: Server = httpServer(listener);
  const url = `http://127.0.0.1:${await listen(server, port, '127.0.0.1')}`;

  const deliveries = background
    ? await startRelay({
        projectId: config().GOOGLE_CLOUD_PROJECT,
        routes: deliveriesFor(functions, url),
        topics: TOPICS,
      })
    : undefined;
  if (background) await announceTo(functions.triggers, url);
  const scheduler = background ? startScheduler(functions.jobs, controls.runJob) : undefined;

  async function settle(): Promise<void> {
    await connect();
    for (let quiet = 0; quiet < 2; ) {
      await publicationsSettled();
      const left = await relayOutbox(new Date(clock.now().getTime() + 10_000), 0);
      await deliveries?.idle();
      quiet = left === 0 ? quiet + 1 : 0;
    }
  }

  return {
    url,
    functions,
    runJob: controls.runJob,
    settle,
    stop: async () => {
      await scheduler?.stop();
      await deliveries?.stop();
      await drain(server);
      await publicationsSettled();
      const { closePubSub } = await import('#platform/pubsub.ts');
      const { closeFirestore } = await import('#platform/firestore.ts');
      await Promise.all([closePubSub(), closeFirestore(), disconnect()]);
    },
  };
}

/** Every target by the name of its service: functions by themselves, and groups that share a path. */
async function targetsOf(functions: Functions): Promise<Map<string, RequestListener>> {
  const { endpoints, consumers, triggers, jobs } = functions;
  const groups = pathGroups(endpoints).filter(({ members }) => members.length > 1);
  const all = [
    ...[...endpoints, ...consumers, ...triggers, ...jobs].map((one) => ({
      name: one.name,
      members: [one],
    })),
    ...groups,
  ];
  const targets = new Map<string, RequestListener>();
  for (const { name, members } of all)
    targets.set(kebab(name), frameworkListener(name, await handlerOf(members, { authenticate })));
  return targets;
}

async function callJob(url: string, name: string): Promise<number> {
  const data = Buffer.from(JSON.stringify({ job: name })).toString('base64');
  const response = await fetch(`${url}/functions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      message: { data, attributes: { type: name }, messageId: `tick-${name}` },
      subscription: `jobs-${name}`,
    }),
  });
  await response.arrayBuffer();
  return response.status;
}
