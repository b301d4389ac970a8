import { readFile } from 'node:fs/promises';
import type { Authenticate } from '#platform/access.ts';
import { config } from '#platform/config.ts';
import {
  drain,
  frameworkListener,
  httpServer,
  listen,
  outsideDomain,
} from '#platform/function-server.ts';
import { log } from '#platform/log.ts';
import { type Declaration, handlerOf } from '#platform/serve.ts';

/** As `infra/generated/functions.json` says: the files of each deployed target. */
type Targets = Readonly<Record<string, { readonly files: readonly string[] }>>;

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const authenticate: Authenticate = async (token, now) =>
  (await import('#domain/auth/authenticate.ts')).authenticate(token, now);

/**
 * Serves the one target this instance was deployed for. Only the files of that target are loaded,
 * so each function pays only for itself.
 */
async function main(): Promise<void> {
  const { PORT } = config();
  const target = process.env['FUNCTION_TARGET'] ?? '';
  const manifest = new URL('../infra/generated/functions.json', import.meta.url);
  const { targets } = JSON.parse(await readFile(manifest, 'utf8')) as { targets: Targets };
  const files = targets[target]?.files;
  if (!files) throw new Error(`FUNCTION_TARGET=${target} is not in the manifest`);
  const members = await Promise.all(
    files.map(async (file) => {
      const module: { default: Declaration } = await import(
        new URL(`./${file}${EXTENSION}`, import.meta.url).href
      );
      return { name: nameOf(file), definition: module.default };
    }),
  );
  if (members.some(({ definition }) => needsDatabase(definition))) connectAhead();
  const handler = outsideDomain(await handlerOf(members, { authenticate }));
  const server = httpServer(frameworkListener(target, handler));
  await listen(server, PORT);
  process.once('SIGTERM', () => void shutDown(server, 0));
  // Nobody knows what was left half done, so no new request is served.
  process.once('uncaughtException', (error) => {
    log.error('uncaught exception', { error });
    void shutDown(server, 1);
  });
}

const needsDatabase = (definition: Declaration): boolean =>
  definition.kind !== 'endpoint' || definition.database !== false;

/** While the server is made, the database is reached; if that fails, the first request tries again. */
const connectAhead = (): void =>
  void import('#platform/database.ts').then(({ connect }) => connect()).catch(() => {});

/** `content/content-get` is the function contentGet. */
const nameOf = (file: string): string =>
  (file.split('/').at(-1) ?? '')
    .replace(/\..*$/, '')
    .replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Answers what is under way, lets events leave, and only then ends. */
async function shutDown(server: ReturnType<typeof httpServer>, code: number): Promise<void> {
  await drain(server);
  const [{ publicationsSettled }, { disconnect }] = await Promise.all([
    import('#platform/outbox.ts'),
    import('#platform/database.ts'),
  ]);
  await publicationsSettled();
  await disconnect();
  process.exit(code);
}

process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
main().catch((error: unknown) => {
  log.error('function did not start', { error });
  process.exit(1);
});
