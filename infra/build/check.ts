import { spawn } from 'node:child_process';
import { ROOT } from './discover.ts';
import { drifted } from './generate.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const STEPS: readonly Step[] = [
  { name: 'format', command: ['biome', 'ci', '--colors=off', '--log-level=error', '.'] },
  { name: 'types', command: ['tsc', '--noEmit', '--checkers', '1', '-p', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
];

const run = ([program, ...args]: Step['command']): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });

/** Format, types, lint, dead code, and whether what is derived is up to date. */
export async function check(): Promise<boolean> {
  let ok = true;
  for (const { name, command } of STEPS) {
    const began = performance.now();
    const { code, output } = await run(command);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
    if (code === 0) continue;
    ok = false;
    console.log(output.slice(0, 12_000));
  }
  const outdated = await drifted();
  for (const path of outdated) console.log(`✗ ${path} is out of date: npm run generate`);
  if (outdated.length === 0) console.log('✓ derived files are current');
  return ok && outdated.length === 0;
}

if (import.meta.main) process.exit((await check()) ? 0 : 1);
