import { startHost } from '#local/host/host.ts';
import { localSecrets } from '#local/stack/secrets.ts';
import { startStack } from '#local/stack/stack.ts';
import { migrate } from '../../infra/migrations/migrate.ts';
import { environment } from '../support/world.ts';

// All that `npm start` starts, in a folder of its own: node bench/servers/stack.ts <folder>
const [dir = ''] = process.argv.slice(2);
const port = Number(process.env['PORT']);
const url = `http://127.0.0.1:${port}`;

const stack = await startStack({ dir, publicUrl: url });
Object.assign(process.env, environment(url), await localSecrets(dir), stack.env);
await migrate();
const host = await startHost({ port, background: true });

async function end(): Promise<void> {
  await host.stop();
  await stack.stop();
  process.exit(0);
}
process.once('SIGTERM', () => void end());
process.once('disconnect', () => void end());
