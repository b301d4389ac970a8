import { runningUrl, useEnvironment } from '#local/stack/environment.ts';
import { disconnect } from '#platform/database.ts';
import { seed } from './seed.ts';

await useEnvironment();
await seed(await runningUrl(), console.log);
await disconnect();
process.exit(0);
