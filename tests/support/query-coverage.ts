import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '#build/discover.ts';
import { appliesTo, EXCEPTIONS, lineAt } from './query-exceptions.ts';
import { type Explained, explainedIn, type Frame, RECORDS, unserved } from './query-watch.ts';

/** Only collections have these, so any receiver counts. */
const OF_COLLECTIONS = [
  ...['findOne', 'findById', 'findOneAndUpdate', 'findOneAndDelete', 'findOneAndReplace'],
  ...['findByIdAndUpdate', 'findByIdAndDelete', 'updateOne', 'updateMany', 'replaceOne'],
  ...['deleteOne', 'deleteMany', 'countDocuments', 'distinct', 'aggregate', 'bulkWrite'],
];

/** Every place in product code that asks the database something. */
export function queryPlaces(): Frame[] {
  const files = globSync(`${ROOT}{functions,shared}/**/*.ts`).sort();
  const sources = files.map((file) => ({
    file: relative(ROOT, file),
    source: withoutComments(readFileSync(file, 'utf8')),
  }));
  const collections = sources.flatMap(({ source }) =>
    [...source.matchAll(/export const (\w+) = collection</g)].map(([, name = '']) => name),
  );
  const ask = new RegExp(
    [
      String.raw`(?<=\b(?:${[...collections, 'model'].join('|')})\s*\.)(?:find|exists)\b(?=[<(])`,
      String.raw`(?<=\.)(?:${OF_COLLECTIONS.join('|')})\b(?=[<(])`,
      String.raw`(?<!function )\bfindPage\b(?=[<(])`,
    ].join('|'),
    'g',
  );
  return sources.flatMap(({ file, source }) =>
    [...source.matchAll(ask)].map(
      ({ index }) => `${file}:${source.slice(0, index).split('\n').length}`,
    ),
  );
}

/** Comments as blanks, so that lines keep their numbers. */
const withoutComments = (source: string): string =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');

const hasPlace = ({ file, code }: (typeof EXCEPTIONS)[number]): boolean =>
  existsSync(join(ROOT, file)) && readFileSync(join(ROOT, file), 'utf8').includes(code);

/** What is wrong with the explanations of a whole run: places nobody asked, and exceptions for code that is gone. */
export function complaints(records: readonly Explained[]): string[] {
  const explained = new Set(
    records.filter(({ verdict }) => verdict !== 'nothing').flatMap(({ frames }) => frames),
  );
  const untested = EXCEPTIONS.filter(({ but }) => but === 'untested');
  const places = queryPlaces();
  const missing = places
    .filter((place) => !explained.has(place))
    .filter((place) => !untested.some((exception) => appliesTo(exception, place)))
    .map((place) => `${place}: no test asks this query: ${lineAt(place).trim()}`);
  const idle = EXCEPTIONS.filter((exception) => !hasPlace(exception)).map(
    ({ file, code }) => `query-exceptions.ts: ${file} has no line with "${code}" any more`,
  );
  const bad = records
    .filter(unserved)
    .map(({ frames, query, verdict }) => `${frames.join(' < ')}: ${verdict}: ${query}`);
  return [...bad, ...missing, ...idle];
}

/** Fails with every place that no test of a whole run has explained. */
export function proveEveryQueryExplained(recordsDir: string): boolean {
  const records = explainedIn(join(recordsDir, RECORDS));
  const wrong = complaints(records);
  for (const line of wrong) console.log(`✗ ${line}`);
  if (wrong.length === 0)
    console.log(
      `✓ ${queryPlaces().length} queries explained to an index in ${records.length} forms`,
    );
  return wrong.length === 0;
}

if (import.meta.main) process.exit(proveEveryQueryExplained(process.argv[2] ?? '') ? 0 : 1);
