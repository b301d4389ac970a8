import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import { memoryMbOf } from '../support/processes.ts';
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
      const memory = await memoryMbOf(second.pid);
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
