import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';

/** `npm start` that starts again when the product's code changes. */
const start = () =>
  spawn(process.execPath, [join(ROOT, 'infra/local/start.ts')], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });

let child = start();
let restarting: NodeJS.Timeout | undefined;
let ending = false;

const follow = (): void => {
  child.once('exit', (code) => {
    if (ending) process.exit(code ?? 0);
    child = start();
    follow();
  });
};
follow();

for (const folder of ['functions', 'shared', 'infra/local/host'])
  watch(join(ROOT, folder), { recursive: true }, (_, file) => {
    if (!file?.endsWith('.ts')) return;
    clearTimeout(restarting);
    restarting = setTimeout(() => {
      console.log(`\n${file} changed: starting again.`);
      child.kill('SIGTERM');
    }, 300);
  });

const end = (): void => {
  ending = true;
  child.kill('SIGTERM');
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
process.on('disconnect', end);
