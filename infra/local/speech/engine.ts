import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '#local/child.ts';
import type { StartEngine } from '#local/engine.ts';

const STARTS_WITHIN_MS = 30_000;

/**
 * Starts a stand-in for Speech v2: the vendor's own batch API, with PocketSphinx behind it. It reads and writes
 * buckets through `STORAGE_EMULATOR_HOST`, which must be set before.
 */
export const startSpeech: StartEngine = async ({ dataDir, logFile }) => {
  if (!process.env['STORAGE_EMULATOR_HOST']) {
    throw new Error('Speech needs STORAGE_EMULATOR_HOST: start the storage before it.');
  }
  const startedAt = performance.now();
  await mkdir(dataDir, { recursive: true });
  const child = launch({
    command: process.execPath,
    args: ['--max-semi-space-size=1', join(import.meta.dirname, 'main.ts'), dataDir],
    logFile,
    env: { ...process.env, METADATA_SERVER_DETECTION: 'none' },
    messages: true,
  });
  const ready = Promise.withResolvers<number>();
  child.process.once('message', ({ port }: { port: number }) => ready.resolve(port));
  void child.exited.then((reason) => ready.reject(new Error(reason)));
  const late = setTimeout(
    () => ready.reject(new Error(`speech did not answer within ${STARTS_WITHIN_MS / 1000} s`)),
    STARTS_WITHIN_MS,
  );
  const port = await ready.promise
    .catch(async (problem: unknown) => {
      await child.stop();
      throw problem;
    })
    .finally(() => clearTimeout(late));
  return {
    name: 'speech',
    version: 'Speech v2 batch API on PocketSphinx 5 prealpha',
    address: `127.0.0.1:${port}`,
    pid: child.pid,
    startedInMs: Math.round(performance.now() - startedAt),
    // Without the second, the vendor's client looks for a metadata server first.
    env: { SPEECH_ENDPOINT: `http://127.0.0.1:${port}`, METADATA_SERVER_DETECTION: 'none' },
    exited: child.exited,
    stop: child.stop,
  };
};
