import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, delimiter, dirname, join } from 'node:path';

/** A process that we started, and how it ends. */
export interface Life {
  /** Settles when the process is gone, whoever wanted it. */
  readonly ended: Promise<string>;
  /** Settles with a reason when it ends without having been asked to. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Watches `child`; `ask` requests its end, and after `patienceMs` it is killed with `insist`. */
export function lifeOf(
  child: ChildProcess,
  name: string,
  ask: () => void,
  { insist = 'SIGKILL' as NodeJS.Signals, patienceMs = 10_000 } = {},
): Life {
  let asked = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} cannot run: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`${name} ended (${signal ?? `code ${code}`})`));
  });
  const exited = new Promise<string>((resolve) => {
    void ended.then((reason) => (asked ? undefined : resolve(reason)));
  });
  const stop = async () => {
    asked = true;
    if (child.exitCode === null && child.signalCode === null) ask();
    const slow = setTimeout(() => child.kill(insist), patienceMs);
    await ended;
    clearTimeout(slow);
  };
  return { ended, exited, stop };
}

/** A process that belongs to us: it ends when we do, and says so when it ends by itself. */
export interface Child extends Life {
  readonly process: ChildProcess;
  readonly pid: number;
}

export interface Launch {
  /** What the reason of its end calls it; the program's own name unless said. */
  readonly name?: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Opens a message channel, for children that report by `process.send`. */
  readonly messages?: boolean;
}

/** Starts a process with its output in a file. On Linux the kernel ends it should we die first. */
export function launch({ name, command, args, logFile, env, messages = false }: Launch): Child {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const leash = findOnPath('setpriv');
  const started = spawn(
    leash ?? command,
    leash ? ['--pdeathsig', 'TERM', '--', command, ...args] : args,
    {
      env: env ?? process.env,
      stdio: ['ignore', log, log, ...(messages ? ['ipc' as const] : [])],
      // An interrupt in the terminal must reach us alone; without the leash, better all at once.
      detached: leash !== undefined,
    },
  );
  closeSync(log);
  const life = lifeOf(started, name ?? basename(command), () => started.kill('SIGTERM'), {
    patienceMs: 5_000,
  });
  const exited = life.exited.then((reason) => `${reason}; its last words: ${lastWords(logFile)}`);
  return { ...life, exited, process: started, pid: started.pid ?? 0 };
}

function lastWords(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' | ').slice(-600);
  } catch {
    return `none in ${logFile}`;
  }
}

/** The full path of a program, or undefined when the machine does not have it. */
export function findOnPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A port of the loopback interface that nobody listened on a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
