import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '#local/child.ts';
import type { StartEngine } from '#local/engine.ts';
import { fakeServiceAccount } from '../service-account.ts';

const patienceMs = 30_000;

/**
 * Cloud Storage for the real client library. The service account that may sign URLs is made in
 * `credentials/` inside the data folder, and the engine's environment names it.
 */
export const startStorage: StartEngine = async ({ dataDir, logFile }) => {
  const began = performance.now();
  await mkdir(dataDir, { recursive: true });
  const { path } = await fakeServiceAccount(join(dataDir, 'credentials'));
  const child = launch({
    command: process.execPath,
    args: [
      '--max-semi-space-size=1',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'main.ts'),
      dataDir,
    ],
    logFile,
    messages: true,
  });
  const ready = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => ready.reject(new Error(`The storage did not start within ${patienceMs / 1000} s.`)),
    patienceMs,
  );
  child.process.once('message', (message: { origin: string }) => ready.resolve(message.origin));
  void child.exited.then((reason) =>
    ready.reject(new Error(`The storage did not start: ${reason}`)),
  );
  try {
    const origin = await ready.promise;
    return {
      name: 'storage',
      version: 'Cloud Storage JSON and XML API on local files',
      address: origin,
      pid: child.pid,
      startedInMs: Math.round(performance.now() - began),
      env: {
        STORAGE_EMULATOR_HOST: origin,
        GOOGLE_APPLICATION_CREDENTIALS: path,
        METADATA_SERVER_DETECTION: 'none',
      },
      exited: child.exited,
      stop: child.stop,
    };
  } catch (problem) {
    await child.stop();
    throw problem;
  } finally {
    clearTimeout(timer);
  }
};
