import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
