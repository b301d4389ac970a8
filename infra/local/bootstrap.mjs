// Runs one of our programs on the pinned Node, on a machine that has only some Node and npm:
//   node infra/local/bootstrap.mjs infra/local/start.ts …
// Plain JavaScript, because it must run before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const node = join(root, 'node_modules/node/bin/node');
const stamp = join(root, 'node_modules/.mixillo-installed');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node);

function run(args, why) {
  console.log(`» npm ${args.join(' ')}  (${why})`);
  const { status } = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    console.error(
      `npm ${args[0]} failed; what it said stands above. Is the npm registry reachable?`,
    );
    process.exit(1);
  }
}

if (!installed) {
  const began = Date.now();
  // Only one package needs its install script: the one that brings the Node we are pinned to.
  run(
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'the packages of package-lock.json',
  );
  run(
    ['rebuild', 'node', '--foreground-scripts', '--loglevel=error'],
    'Node 24, which every script runs on',
  );
  if (!existsSync(node)) {
    console.error(
      'The npm package "node" did not bring its binary. Allow its install script and try again.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  console.log(`» installed in ${Math.round((Date.now() - began) / 1000)} s`);
}

const [script, ...args] = process.argv.slice(2);
const flags = [
  '--disable-warning=ExperimentalWarning',
  // The storage client adds eleven listeners of its own to one stream, and Node suspects a leak.
  '--disable-warning=MaxListenersExceededWarning',
];
const child = spawn(node, [...flags, join(root, script), ...args], {
  cwd: root,
  // The channel is how the program notices that we died.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
  },
});
// A terminal's Ctrl-C reaches the program by itself; what was sent to us alone is handed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
