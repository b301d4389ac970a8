import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '#build/check.ts';
import { ROOT } from '#build/discover.ts';
import { FOR_TESTS, installPackages } from '#local/packages/install.ts';

/**
 * `npm test`: the checks, then every test on real engines, then whether the tests have asked every
 * query of the code. `--watch` reruns what a change touches.
 */
const watch = process.argv.includes('--watch');
const filters = process.argv.slice(2).filter((argument) => argument !== '--watch');
const whole = !watch && filters.length === 0;

if (whole && !(await check())) process.exit(1);
await installPackages(console.log, FOR_TESTS);
const recordsDir = await mkdtemp(join(tmpdir(), 'mixillo-records-'));
const vitest = spawn('vitest', [watch ? 'watch' : 'run', ...filters], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, TEST_RECORDS_DIR: recordsDir },
});
process.on('SIGTERM', () => vitest.kill('SIGTERM'));
process.on('SIGINT', () => {});
process.on('disconnect', () => vitest.kill('SIGTERM'));
vitest.on('exit', async (code) => {
  const proven = code === 0 && (!whole || (await everyQueryExplained()));
  await rm(recordsDir, { recursive: true, force: true });
  process.exit(proven ? 0 : (code ?? 1) || 1);
});

async function everyQueryExplained(): Promise<boolean> {
  const { proveEveryQueryExplained } = await import('../../tests/support/query-coverage.ts');
  const { sayUnmetProblems } = await import('../../tests/support/problem-coverage.ts');
  await sayUnmetProblems(recordsDir);
  return proveEveryQueryExplained(recordsDir);
}
