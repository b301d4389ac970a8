import { readdir, readFile } from 'node:fs/promises';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly cpuTicks: number;
}

/** Of Linux, on every machine one meets. */
const TICK_MS = 10;

async function allProcesses(): Promise<Map<number, Process>> {
  const found = new Map<number, Process>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The name of the program may hold anything, and ends with the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [parent, user, system, waitedUser, waitedSystem] = [1, 11, 12, 13, 14].map((index) =>
      Number(fields[index] ?? 0),
    );
    const cpuTicks = (user ?? 0) + (system ?? 0) + (waitedUser ?? 0) + (waitedSystem ?? 0);
    found.set(Number(name), { pid: Number(name), parent: parent ?? 0, cpuTicks });
  }
  return found;
}

/** All processes that a process has started, and those that they have. */
async function below(root: number): Promise<Process[]> {
  const all = await allProcesses();
  const isBelow = (pid: number): boolean => {
    let at = all.get(pid)?.parent;
    while (at !== undefined && at !== root) at = all.get(at)?.parent;
    return at === root;
  };
  return [...all.values()].filter(({ pid }) => isBelow(pid));
}

/** Milliseconds of processor time that everything below a process has used. */
export const cpuMsBelow = async (root: number): Promise<number> =>
  (await below(root)).reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) * TICK_MS;

/** Megabytes of a process and all below it; what several share counts once. */
export async function memoryMbOf(root: number): Promise<number> {
  let kilobytes = 0;
  for (const pid of [root, ...(await below(root)).map((one) => one.pid)]) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

/** Megabytes that one process holds in memory. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
