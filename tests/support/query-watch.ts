/**
 * Listens to every query that product code sends to the database while a test runs, and asks the
 * engine how it would find the documents. A query that reads a whole collection, or sorts in
 * memory, fails the test file, with the place in the code that asked it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import mongoose from 'mongoose';
import { ROOT } from '#build/discover.ts';
import { planOf } from '#local/mongo/plan.ts';
import { type Json, partsOf, shapeOf } from './query-command.ts';
import { allowed } from './query-exceptions.ts';

/** A line of product code on the way to a query: `shared/domain/users/users.ts:88`. */
export type Frame = string;

/** What is known of one query once it has been explained; a line of the records of a run. */
export interface Explained {
  readonly id: string;
  readonly frames: readonly Frame[];
  readonly query: string;
  readonly indexes: readonly string[];
  /** `nothing`: the engine knew without looking, as for a list of no ids. */
  readonly verdict: 'index' | 'scan' | 'sort' | 'nothing';
}

export const RECORDS = 'queries.jsonl';

interface Asked {
  readonly frames: readonly Frame[];
  readonly query: string;
  readonly command: Json;
}

/** The functions of a model by which product code asks; what they call in turn is listened to. */
const STATICS = [
  ...['find', 'findOne', 'findById', 'findOneAndUpdate', 'findOneAndDelete', 'findOneAndReplace'],
  ...['findByIdAndUpdate', 'findByIdAndDelete', 'updateOne', 'updateMany', 'replaceOne'],
  ...['deleteOne', 'deleteMany', 'countDocuments', 'distinct', 'exists', 'aggregate', 'bulkWrite'],
] as const;

const asking = new AsyncLocalStorage<readonly Frame[]>();
const askedAt = new WeakMap<object, readonly Frame[]>();
const asked = new Map<string, Asked>();

let instrumented = false;

/** From now on every query is noted. To be called whenever the database has been connected. */
export function watchQueries(): void {
  if (!instrumented) instrument();
  instrumented = true;
  mongoose.connection.getClient().on('commandStarted', ({ command }) => note(command as Json));
}

/** Has every query know the lines of code that asked it. */
function instrument(): void {
  const model = mongoose.Model as unknown as Record<string, (...given: unknown[]) => unknown>;
  for (const name of STATICS) {
    const original = model[name];
    if (!original) throw new Error(`Mongoose has no Model.${name}`);
    model[name] = function (this: unknown, ...given: unknown[]) {
      const frames = productFrames();
      const query = asking.run(frames, () => original.apply(this, given));
      if (typeof query === 'object' && query !== null) askedAt.set(query, frames);
      return query;
    };
  }
  for (const { prototype } of [mongoose.Query, mongoose.Aggregate]) {
    const exec = prototype.exec as (...given: unknown[]) => Promise<unknown>;
    prototype.exec = function (this: object, ...given: unknown[]) {
      return asking.run(askedAt.get(this) ?? [], () => exec.apply(this, given));
    } as never;
  }
}

function note(command: Json): void {
  const frames = asking.getStore();
  if (!frames || frames.length === 0) return;
  for (const part of partsOf(command)) {
    const query = shapeOf(part);
    const key = `${frames.slice(0, NEAREST).join(' < ')}\n${query}`;
    if (!asked.has(key)) asked.set(key, { frames, query, command: part });
  }
}

const known = new Map<string, readonly Frame[]>();
const OWN_CODE = /\/(?:functions|shared)\/[^:]*\.ts$/;
const PRODUCT = /^(?:functions|shared)\//;
const PLATFORM = /^shared\/platform\//;
/** How many callers tell one query from another. */
const NEAREST = 3;

/** The lines of product code that led here, nearest first. */
function productFrames(): readonly Frame[] {
  const { stackTraceLimit, prepareStackTrace: mapped } = Error;
  const here: { stack?: unknown } = {};
  let sites: readonly NodeJS.CallSite[] = [];
  Error.stackTraceLimit = 20;
  Error.prepareStackTrace = (_, raw) => (sites = raw);
  Error.captureStackTrace(here, productFrames);
  void here.stack;
  Error.stackTraceLimit = stackTraceLimit;
  // oxlint-disable-next-line typescript/no-unnecessary-condition
  if (mapped) Error.prepareStackTrace = mapped;
  else Reflect.deleteProperty(Error, 'prepareStackTrace');
  const own = sites.filter((site) => OWN_CODE.test(site.getFileName() ?? '')).slice(0, 8);
  const key = own.map((site) => `${site.getFileName()}:${site.getPosition()}`).join();
  const before = known.get(key);
  if (before) return before;
  // Mapping a stack back to the source is slow, so it is done once for each way through the code.
  const stack = mapped ? String(mapped(new Error('where'), [...own])) : own.join('\n');
  const frames = [...stack.matchAll(/(\/[^\s():]+\.ts):(\d+):\d+/g)]
    .map(([, file = '', line]) => `${relative(ROOT, file)}:${line}`)
    .filter((frame) => PRODUCT.test(frame))
    .filter((frame, index) => index === 0 || !PLATFORM.test(frame));
  known.set(key, frames);
  return frames;
}

/**
 * Explains what was asked since the last time. Throws for what no index serves, if it is of the
 * room that the test file is about; the rest is left to the end of the run.
 */
export async function explainQueries(recordsDir: string, testFile: string): Promise<void> {
  const file = join(recordsDir, RECORDS);
  const done = new Set(explainedIn(file).map(({ id }) => id));
  const wrong: string[] = [];
  const lines: string[] = [];
  for (const [key, one] of asked) {
    const id = createHash('sha256').update(key).digest('base64url').slice(0, 16);
    if (done.has(id)) continue;
    const record = await explain(id, one);
    lines.push(`${JSON.stringify(record)}\n`);
    if (unserved(record) && concerns(record, testFile)) wrong.push(complaint(record, one));
  }
  asked.clear();
  await appendFile(file, lines.join(''));
  if (wrong.length > 0) throw new Error(`No index serves:\n${wrong.join('\n')}`);
}

export const unserved = (record: Explained): boolean =>
  (record.verdict === 'scan' || record.verdict === 'sort') && !allowed(record);

/** A background job of one room is not the fault of a test about another. */
function concerns({ frames: [frame = ''] }: Explained, testFile: string): boolean {
  const [, room] = /\/tests\/(?:functions|domain)\/([^/]+)\//.exec(testFile) ?? [];
  return room === undefined || !frame.startsWith('shared/domain/') || frame.includes(`/${room}/`);
}

export const explainedIn = (file: string): Explained[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Explained)
    : [];

async function explain(id: string, { frames, query, command }: Asked): Promise<Explained> {
  const output = await mongoose.connection.db?.command(
    { explain: command, verbosity: 'queryPlanner' },
    { readPreference: 'primary' },
  );
  const { indexes, collectionScan, sorted } = planOf(output);
  const served = indexes.length > 0 ? 'index' : 'nothing';
  const unordered = sorted === 'memory' && !(await mergeable(command, indexes));
  const verdict = collectionScan ? 'scan' : unordered ? 'sort' : served;
  return { id, frames, query, indexes, verdict };
}

/**
 * Whether MongoDB merges several runs of one index that are each in order, as it does for a list
 * of values in front of the fields that are sorted by. The local engine sorts there.
 */
async function mergeable(command: Json, indexes: readonly string[]): Promise<boolean> {
  const [collection] = Object.values(command);
  const stages = (command['pipeline'] ?? []) as readonly Json[];
  const match = (command['filter'] ?? command['query'] ?? stages[0]?.['$match'] ?? {}) as Json;
  const filter: Json = Object.assign({}, match, ...((match['$and'] ?? []) as Json[]));
  const sort = command['sort'] ?? stages.find((stage) => '$sort' in stage)?.['$sort'];
  const wanted = entriesOf(sort);
  const found = await mongoose.connection.collection(String(collection)).indexes();
  return found
    .filter(({ name }) => indexes.includes(name ?? ''))
    .some(({ key }) => {
      const fields = Object.entries(key);
      const equal = fields.findIndex(([field]) => !isEquality(filter[field]));
      const tail = fields.slice(equal === -1 ? fields.length : equal);
      const turned = wanted[0]?.[1] === tail[0]?.[1] ? 1 : -1;
      return (
        wanted.length > 0 &&
        wanted.every(
          ([field, direction], at) =>
            tail[at]?.[0] === field && Number(tail[at]?.[1]) === Number(direction) * turned,
        )
      );
    });
}

const entriesOf = (sort: unknown): [string, unknown][] =>
  sort instanceof Map ? [...sort] : Object.entries(sort ?? {});

const isEquality = (condition: unknown): boolean =>
  condition !== undefined &&
  (typeof condition !== 'object' ||
    condition === null ||
    '_bsontype' in condition ||
    '$in' in condition ||
    '$eq' in condition);

const complaint = ({ frames, query, indexes, verdict }: Explained, { command }: Asked): string =>
  [
    verdict === 'scan' ? 'reads a whole collection' : 'sorts in memory',
    `    at ${frames.join('\n       ')}`,
    `    ${query}`,
    `    for example ${JSON.stringify(command).slice(0, 600)}`,
    `    indexes in the plan: ${indexes.join(', ') || 'none'}`,
  ].join('\n');
