import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOR_TESTS, installPackages } from '#local/packages/install.ts';
import { startStack } from '#local/stack/stack.ts';

/**
 * `npm run engines -- <file>`: starts the engines alone and leaves their addresses in the file, so
 * that `TEST_ENGINES=<file> vitest run …` need not start them for every run.
 */
const file = process.argv[2] ?? join(tmpdir(), 'mixillo-engines.json');
await installPackages(console.log, FOR_TESTS);
const dir = await mkdtemp(join(tmpdir(), 'mixillo-engines-'));
const stack = await startStack({ dir, publicUrl: 'http://127.0.0.1:9' });
await writeFile(file, JSON.stringify(stack.env), { mode: 0o600 });
console.log(`Engines run; TEST_ENGINES=${file}`);

const stop = async (reason: string): Promise<never> => {
  console.log(reason);
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
  await rm(file, { force: true });
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const)
  process.once(signal, () => void stop(signal));
await stop(await stack.crashed);
