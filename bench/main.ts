import { installPackages } from '#local/packages/install.ts';
import { checkout } from './rows/checkout.ts';
import { coldStart } from './rows/cold-start.ts';
import { drop } from './rows/drop.ts';
import { endpoint } from './rows/endpoint.ts';
import { feed } from './rows/feed.ts';
import { gifters } from './rows/gifters.ts';
import { pipeline } from './rows/pipeline.ts';
import { productSearch } from './rows/product-search.ts';
import { stack } from './rows/stack.ts';
import { transfers } from './rows/transfers.ts';
import { lineOf, type Outcome, writeReport } from './support/report.ts';
import type { Row } from './support/row.ts';
import { closeWorld } from './support/world.ts';

/** The stack first, while nothing else runs. */
const ROWS: readonly Row[] = [
  stack,
  coldStart,
  endpoint,
  feed,
  productSearch,
  transfers,
  gifters,
  drop,
  checkout,
  pipeline,
];

const say = (line: string): void => console.log(line);

async function measure(row: Row): Promise<Outcome> {
  const began = performance.now();
  say(`\n${row.name}: ${row.about}`);
  try {
    const figures = await row.run(say);
    for (const figure of figures) say(lineOf(figure));
    say(`  (${Math.round((performance.now() - began) / 1000)} s)`);
    return { row, figures };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    say(`  ✗ not measured: ${failure}`);
    return { row, figures: [], failure };
  }
}

/** `npm run bench` measures all rows and writes the report; `npm run bench -- feed` measures one. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new Error(
      `No row ${unknown.join(', ')}. Rows: ${ROWS.map(({ name }) => name).join(', ')}`,
    );
  await installPackages(say);
  const outcomes: Outcome[] = [];
  try {
    for (const row of ROWS)
      if (wanted.length === 0 || wanted.includes(row.name)) outcomes.push(await measure(row));
  } finally {
    await closeWorld();
  }
  if (wanted.length > 0) return;
  await writeReport(outcomes);
  say('\nWritten to docs/benchmarks.md');
}

for (const reason of ['SIGINT', 'SIGTERM', 'disconnect'] as const)
  process.once(reason, () => void closeWorld().finally(() => process.exit(130)));

// A report and no gate: it ends well whatever it says.
main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(0);
  },
);
