import { spawn } from 'node:child_process';
import { check } from '#build/check.ts';
import { ROOT } from '#build/discover.ts';
import { installPackages } from '#local/packages/install.ts';

/** `npm test`: the checks, then every test on real engines. `--watch` reruns what a change touches. */
const watch = process.argv.includes('--watch');
const filters = process.argv.slice(2).filter((argument) => argument !== '--watch');

if (!watch && filters.length === 0 && !(await check())) process.exit(1);
await installPackages(console.log);
const vitest = spawn('vitest', [watch ? 'watch' : 'run', ...filters], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.on('SIGTERM', () => vitest.kill('SIGTERM'));
process.on('SIGINT', () => {});
process.on('disconnect', () => vitest.kill('SIGTERM'));
vitest.on('exit', (code) => process.exit(code ?? 1));
