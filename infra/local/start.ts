import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { playDemo } from '#local/demo/demo.ts';
import { startHost } from '#local/host/host.ts';
import { statusPages } from '#local/host/pages.ts';
import { installPackages } from '#local/packages/install.ts';
import { seed } from '#local/seed/seed.ts';
import { keepEnvironment, LOCAL_DIR, productEnvironment } from '#local/stack/environment.ts';
import { claim } from '#local/stack/lock.ts';
import { logToFile } from '#local/stack/log-file.ts';
import { localSecrets } from '#local/stack/secrets.ts';
import { type Stack, startStack } from '#local/stack/stack.ts';
import { migrate } from '../migrations/migrate.ts';

const say = (line: string): void => console.log(line);
const dir = LOCAL_DIR;
const once = process.argv.includes('--once');

/** Resolves with the reason to stop: a signal, or the end of whoever started us. */
const asked = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve(signal));
  process.on('disconnect', () => resolve('the parent process ended'));
});

/** Refuses a port that somebody else has, before anything is started. */
const checkFree = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () =>
      reject(new Error(`Port ${port} is taken. Choose another: PORT=8090 npm start`)),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });

async function serve(): Promise<number> {
  const began = performance.now();
  const port = Number(process.env['PORT'] ?? 8080);
  const url = `http://127.0.0.1:${port}`;
  await mkdir(dir, { recursive: true });
  await checkFree(port);
  const release = await claim(dir, url);
  let stack: Stack | undefined;
  let stopHost: (() => Promise<void>) | undefined;
  try {
    await installPackages(say);
    stack = await startStack({
      dir,
      publicUrl: url,
      onReady: ({ name, version, startedInMs }) =>
        say(`  ${name.padEnd(10)} ${String(startedInMs).padStart(6)} ms  ${version}`),
    });
    const environment = {
      ...productEnvironment('mixillo-local', url),
      ...(await localSecrets(dir)),
      RATE_LIMIT_SCALE: process.env['RATE_LIMIT_SCALE'] ?? '1000',
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
      ...stack.env,
    };
    Object.assign(process.env, environment);
    await keepEnvironment(environment);
    await logToFile(join(dir, 'logs', 'functions.log'));
    await migrate();
    const host = await startHost({ port, background: true, pages: statusPages(stack, url) });
    stopHost = host.stop;
    const { endpoints, consumers, triggers, jobs } = host.functions;
    say(
      `\nMixillo serves at ${url} after ${((performance.now() - began) / 1000).toFixed(1)} s:` +
        ` ${endpoints.length} endpoints, ${consumers.length} consumers, ${triggers.length} triggers, ${jobs.length} jobs.`,
    );
    say(`API reference ${url}/docs, mail ${url}/_mail, engines ${url}/`);
    const seeding = seed(url, say);
    if (once) {
      await seeding;
      return await playDemo(url, say);
    }
    void seeding.catch((error: unknown) => say(`The seed stopped: ${String(error)}`));
    const reason = await Promise.race([asked, stack.crashed]);
    say(`\nStopping: ${reason}.`);
    return reason.includes('by itself') ? 1 : 0;
  } finally {
    await stopHost?.().catch((error: unknown) =>
      say(`The host did not stop cleanly: ${String(error)}`),
    );
    await stack?.stop();
    await release();
  }
}

serve().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
