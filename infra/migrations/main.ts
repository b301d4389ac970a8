import { useEnvironment } from '#local/stack/environment.ts';
import { disconnect } from '#platform/database.ts';
import { migrate, undeclaredIndexes } from './migrate.ts';

await useEnvironment();
await migrate(console.log);
for (const index of await undeclaredIndexes())
  console.log(`Not declared by any model, and left as it is: ${index}`);
console.log('The database is as the code declares it.');
await disconnect();
