import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '#local/stack/stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    engineEnvironment: Record<string, string>;
    /** Where the files of one run leave what they learn for what is asked at its end. */
    recordsDir: string;
  }
}

/**
 * Starts the engines once for the whole run, or uses those of `npm run engines` where TEST_ENGINES
 * names its file; every test file brings its own database and project.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'mixillo-test-'));
  const shared = process.env['TEST_ENGINES'];
  const stack = shared ? undefined : await startStack({ dir, publicUrl: 'http://127.0.0.1:9' });
  const environment = shared ? JSON.parse(await readFile(shared, 'utf8')) : { ...stack?.env };
  project.provide('engineEnvironment', environment);
  const recordsDir = process.env['TEST_RECORDS_DIR'] ?? join(dir, 'records');
  await mkdir(recordsDir, { recursive: true });
  project.provide('recordsDir', recordsDir);
  return async () => {
    await stack?.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
