import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clientSource } from './client.ts';
import { discover, ROOT } from './discover.ts';
import { manifest } from './manifest.ts';
import { openApi } from './openapi.ts';
import { webhooksPage } from './partner-webhooks.ts';
import { rewritesFor } from './rewrites.ts';

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every derived file and what it must say, by its path below the root. */
export async function derivedFiles(): Promise<ReadonlyMap<string, string>> {
  const functions = await discover();
  const firebase = JSON.parse(await readFile(join(ROOT, 'firebase.json'), 'utf8'));
  return new Map([
    ['docs/openapi.json', pretty(openApi(functions.endpoints))],
    ['docs/webhooks.md', webhooksPage()],
    ['infra/generated/functions.json', pretty(manifest(functions))],
    ['infra/generated/client.ts', clientSource(functions.endpoints)],
    [
      'firebase.json',
      pretty({
        ...firebase,
        hosting: { ...firebase.hosting, rewrites: rewritesFor(functions.endpoints) },
      }),
    ],
  ]);
}

/** The derived files that do not say what they must. */
export async function drifted(): Promise<string[]> {
  const outdated: string[] = [];
  for (const [path, wanted] of await derivedFiles()) {
    const found = await readFile(join(ROOT, path), 'utf8').catch(() => '');
    if (found !== wanted) outdated.push(path);
  }
  return outdated;
}

if (import.meta.main) {
  for (const [path, text] of await derivedFiles()) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
  process.exit(
    spawnSync('git', ['--no-pager', 'diff', '--stat'], { stdio: 'inherit' }).status ?? 0,
  );
}
