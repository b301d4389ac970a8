import type { Client } from 'pg';
import type { Call, Handler } from './call.ts';
import { Code, CommandError } from './errors.ts';
import { type PgNode, sortedInMemory, stageOf, statsOf } from './explain-plan.ts';
import { type Document, decode, encode } from './wire.ts';

/** The engine's function that plans each kind of command. */
const PLANNERS: Readonly<Record<string, string>> = {
  find: 'find',
  aggregate: 'pipeline',
  count: 'count',
  distinct: 'distinct',
};

interface Plan {
  readonly root: PgNode;
  readonly milliseconds: number;
}

/**
 * Explains a command in the shape of MongoDB's own answer. On collections of a few documents
 * PostgreSQL would rather read and sort everything; MongoDB would not, and whoever asks wants to
 * know whether an index serves the query. So plans that need no sort are preferred here.
 */
export const explain: Handler = async (call) => {
  const { request } = call;
  const command = request.document('explain') ?? {};
  const verbosity = request.text('verbosity') ?? 'allPlansExecution';
  const { planner, body, sortsById } = plannable(command);
  const analyze = verbosity === 'queryPlanner' ? '' : ', ANALYZE';
  const text = `EXPLAIN (FORMAT JSON${analyze}) SELECT document FROM documentdb_api_catalog.bson_aggregation_${planner}($1, $2::bytea)`;
  const plan = await call.engine.pool.lend(async (client) => {
    const asItIs = await planWith(client, [], text, [request.database, body]);
    if (!sortedInMemory(asItIs.root)) return asItIs;
    const unsorted = await planWith(client, ['enable_sort'], text, [request.database, body]);
    return servedByIndex(unsorted, sortsById) ? unsorted : asItIs;
  });
  return encode(answer(call, command, plan, sortsById, verbosity));
};

async function planWith(
  client: Client,
  avoided: readonly string[],
  text: string,
  values: readonly [string, Buffer],
): Promise<Plan> {
  await client.query('BEGIN');
  try {
    for (const setting of ['enable_seqscan', ...avoided]) {
      await client.query(`SET LOCAL ${setting} = off`);
    }
    const { rows } = await client.query<{ 'QUERY PLAN': [Document] }>(text, [...values]);
    const [top] = rows[0]?.['QUERY PLAN'] ?? [{}];
    return { root: top['Plan'] as PgNode, milliseconds: Number(top['Execution Time'] ?? 0) };
  } finally {
    await client.query('ROLLBACK');
  }
}

const servedByIndex = ({ root }: Plan, sortsById: boolean): boolean =>
  !sortedInMemory(root) && !JSON.stringify(stageOf(root, sortsById)).includes('"COLLSCAN"');

interface Plannable {
  readonly planner: string;
  readonly body: Buffer;
  readonly sortsById: boolean;
}

/** Writes are explained by the query that finds what they change. */
function plannable(command: Document): Plannable {
  const [name = ''] = Object.keys(command);
  const asFind = (filter: unknown, sort?: unknown): Plannable =>
    plannable({ find: command[name], filter: filter ?? {}, ...(sort ? { sort } : {}), limit: 1 });
  switch (name) {
    case 'update':
      return asFind(first(command['updates'])['q']);
    case 'delete':
      return asFind(first(command['deletes'])['q']);
    case 'findAndModify':
    case 'findandmodify':
      return asFind(command['query'], command['sort']);
  }
  const planner = PLANNERS[name];
  if (planner === undefined) {
    throw new CommandError(Code.CommandNotFound, `Explain failed due to unknown command: ${name}`);
  }
  const body = encode(name === 'aggregate' ? { cursor: {}, ...command } : command);
  return { planner, body, sortsById: sortsById(command) };
}

const first = (list: unknown): Document => (Object.values(list ?? {})[0] ?? {}) as Document;

function sortsById(command: Document): boolean {
  const stages = Object.values(command['pipeline'] ?? {}) as Document[];
  const sorts = [command['sort'], ...stages.map((stage) => stage['$sort'])];
  return sorts.some((sort) => Object.keys(sort ?? {})[0] === '_id');
}

function answer(
  { request, engine }: Call,
  command: Document,
  { root, milliseconds }: Plan,
  byId: boolean,
  verbosity: string,
): Document {
  const [name = ''] = Object.keys(command);
  const stats = statsOf(root);
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace: `${request.database}.${String(command[name])}`,
      indexFilterSet: false,
      winningPlan: stageOf(root, byId),
      rejectedPlans: [],
    },
    ...(verbosity !== 'queryPlanner' && {
      executionStats: { executionSuccess: true, executionTimeMillis: milliseconds, ...stats },
    }),
    command: { ...command, $db: request.database },
    serverInfo: { host: engine.address, version: 'DocumentDB on PostgreSQL' },
    postgres: decode(encode({ plan: root }))['plan'],
    ok: 1,
  };
}
