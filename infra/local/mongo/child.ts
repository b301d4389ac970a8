import { type ChildProcess, execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

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

/** The command prefix that ends a process with `signal` when we die; empty where there is none. */
export async function dyingWithUs(signal: 'INT' | 'TERM'): Promise<string[]> {
  const prefix = ['setpriv', '--pdeathsig', signal];
  return (await works(prefix)) ? prefix : [];
}

/** Whether a command prefix, such as one that changes the user, is permitted here. */
export const works = ([command = '', ...args]: readonly string[]): Promise<boolean> =>
  run(command, [...args, 'true']).then(
    () => true,
    () => false,
  );
