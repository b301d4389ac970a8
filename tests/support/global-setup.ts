import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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

/** Starts the engines once for the whole run; every test file brings its own database and project. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'mixillo-test-'));
  const stack = await startStack({ dir, publicUrl: 'http://127.0.0.1:9' });
  project.provide('engineEnvironment', { ...stack.env });
  const recordsDir = process.env['TEST_RECORDS_DIR'] ?? join(dir, 'records');
  await mkdir(recordsDir, { recursive: true });
  project.provide('recordsDir', recordsDir);
  return async () => {
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
