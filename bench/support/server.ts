import { spawn } from 'node:child_process';
import { type ClientRequest, get } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import { freePort } from '#local/child.ts';

/** A server in a process of its own. */
export interface Server {
  readonly url: string;
  /** Milliseconds from the start of the process to its first good answer. */
  readonly readyInMs: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

interface Launch {
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Asked again and again until it answers. */
  readonly path: string;
  /** The status of a good answer; 200 unless said. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly withinMs?: number;
}

/** Starts a server and resolves with its first good answer. Its standard output goes nowhere, as fast as that goes. */
export async function startServer(launch: Launch): Promise<Server> {
  const { file, args = [], env = {}, path, headers = {}, withinMs = 60_000 } = launch;
  const good = launch.status ?? 200;
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  for (;;) {
    const status = await ask({ port, path, headers });
    if (status === good) break;
    if (child.exitCode !== null || performance.now() - began > withinMs) {
      await stop();
      throw new Error(`${file} does not answer ${path}: ${status ?? 'no answer'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const readyInMs = performance.now() - began;
  return { url: `http://127.0.0.1:${port}`, readyInMs, pid: child.pid ?? 0, stop };
}

interface Question {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const ask = ({ port, path, headers }: Question): Promise<number | undefined> =>
  new Promise((resolve) => {
    const request: ClientRequest = get(
      { host: '127.0.0.1', port, path, headers, agent: false },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      },
    );
    request.once('error', () => resolve(undefined));
  });

/** One of our functions, started as it is deployed: `functions/main.ts` with its name. */
export const startFunction = (
  target: string,
  asked: Pick<Launch, 'path' | 'headers' | 'status'>,
): Promise<Server> =>
  startServer({
    file: join(ROOT, 'functions/main.ts'),
    env: { FUNCTION_TARGET: target },
    ...asked,
  });

/** One of `bench/servers/`, which are the baselines. */
export const startBaseline = (
  name: string,
  asked: Pick<Launch, 'path' | 'headers' | 'env'>,
): Promise<Server> => startServer({ file: join(ROOT, `bench/servers/${name}.mjs`), ...asked });
