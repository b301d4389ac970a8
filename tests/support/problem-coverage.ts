import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { discover } from '#build/discover.ts';
import { ANSWERS } from './conformity.ts';

/** Says which problems that endpoints name themselves no test of a run has met. */
export async function sayUnmetProblems(recordsDir: string): Promise<void> {
  const file = join(recordsDir, ANSWERS);
  const met = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  const { endpoints } = await discover();
  const named = endpoints.flatMap(({ name, definition: { problems = [] } }) =>
    problems.map(({ spec }) => `${name} ${spec.code}`),
  );
  const unmet = named.filter((one) => !met.has(one));
  console.log(`${named.length - unmet.length} of ${named.length} declared problems met by tests`);
  if (unmet.length > 0) console.log(`  not met: ${unmet.join(', ')}`);
}
