import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import type { Row } from '../support/row.ts';
import { type Server, startServer } from '../support/server.ts';

/** What it takes a person to have all of it running. */
export const stack: Row = {
  name: 'stack',
  about:
    'The second start of every engine and the host, from the start of the process to a healthy answer that includes the database, and the memory of all their processes.',
  run: async (say) => {
    const dir = await mkdtemp(join(tmpdir(), 'mixillo-stack-'));
    try {
      const first = await start(dir);
      say(`  first start ${(first.readyInMs / 1000).toFixed(1)} s`);
      await first.stop();
      const second = await start(dir);
      const memory = await memoryOf(second.pid);
      await second.stop();
      return [
        { what: 'second start', unit: 's', ours: second.readyInMs / 1000, bound: { atMost: 15 } },
        { what: 'memory of all processes', unit: 'MB', ours: memory, bound: { atMost: 3072 } },
      ];
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

const start = (dir: string): Promise<Server> =>
  startServer({
    file: join(ROOT, 'bench/servers/stack.ts'),
    args: [dir],
    path: '/api/health?deep=1',
    withinMs: 300_000,
  });

/** Megabytes of a process and all below it; what several share counts once. */
async function memoryOf(root: number): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = /\) \S (\d+)/.exec(stat)?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  let kilobytes = 0;
  for (const pid of [...parents.keys()].filter(isOurs)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
