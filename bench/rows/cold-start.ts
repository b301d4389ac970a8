import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '#build/bundle.ts';
import { ROOT } from '#build/discover.ts';
import { residentMb } from '../support/processes.ts';
import { figure, inTurns, type Row } from '../support/row.ts';
import { startServer } from '../support/server.ts';
import { people, useEngines } from '../support/world.ts';

const ROUNDS = 7;

/** From nothing to the first answer, with a compile cache on both sides. */
export const coldStart: Row = {
  name: 'cold-start',
  about:
    'Start of a process to its first 200: the bundled usersGet against the framework and Mongoose alone that read the same document, and health against a framework handler that says hello; both with a warm compile cache.',
  run: async (say) => {
    await useEngines();
    const [person] = await people();
    const dir = await mkdtemp(join(tmpdir(), 'mixillo-bundle-'));
    try {
      await bundle(join(dir, 'dist'));
      say('  bundled');
      const main = join(dir, 'dist/functions/main.js');
      const ofFunction = (target: string, path: string) =>
        starter(main, path, join(dir, target), target);
      const ofBaseline = (name: string, path: string) =>
        starter(join(ROOT, `bench/servers/${name}.mjs`), path, join(dir, name));
      const path = `/api/users/${person?.id}`;
      const query = await compare(ofFunction('usersGet', path), ofBaseline('query', path));
      const health = await compare(ofFunction('health', '/api/health'), ofBaseline('hello', '/'));
      return [
        figure('with database, first answer', 'ms', query, ({ ms }) => ms, { atMost: 1.3 }),
        figure('with database, memory', 'MB', query, ({ mb }) => mb),
        figure('without database, first answer', 'ms', health, ({ ms }) => ms),
        figure('without database, memory', 'MB', health, ({ mb }) => mb),
      ];
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

interface Start {
  readonly ms: number;
  readonly mb: number;
}

/** The first start of each only fills its compile cache. */
async function compare(ours: () => Promise<Start>, baseline: () => Promise<Start>) {
  await ours();
  await baseline();
  return inTurns(ROUNDS, ours, baseline);
}

const starter =
  (file: string, path: string, cache: string, target = '') =>
  async (): Promise<Start> => {
    const env = { NODE_COMPILE_CACHE: cache, FUNCTION_TARGET: target };
    const server = await startServer({ file, path, env });
    const mb = await residentMb(server.pid);
    await server.stop();
    return { ms: server.readyInMs, mb };
  };
