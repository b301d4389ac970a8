import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';

/** A process that belongs to us: it ends when we do, and says so when it ends by itself. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Settles with a reason only when the process ends without `stop` having been called. */
  readonly exited: Promise<string>;
  /** Asks the process to end, insists after five seconds, and resolves when it is gone. */
  stop(): Promise<void>;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Opens a message channel, for children that report by `process.send`. */
  readonly messages?: boolean;
}

/** Starts a process with its output in a file. On Linux the kernel ends it should we die first. */
export function launch({ command, args, logFile, env, messages = false }: Launch): Child {
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
  let asked = false;
  const gone = new Promise<string>((resolve) => {
    started.once('error', ({ message }) => resolve(`it could not start: ${message}`));
    started.once('exit', (code, signal) =>
      resolve(`${signal ?? `exit code ${code}`}; its last words: ${lastWords(logFile)}`),
    );
  });
  const stop = async () => {
    asked = true;
    started.kill('SIGTERM');
    const insist = setTimeout(() => started.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(insist);
  };
  const exited = new Promise<string>((resolve) => {
    void gone.then((reason) => {
      if (!asked) resolve(reason);
    });
  });
  return { process: started, pid: started.pid ?? 0, exited, stop };
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
