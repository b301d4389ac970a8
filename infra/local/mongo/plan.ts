/** What a query's plan says, for assertions that hold on MongoDB and on the local engine alike. */
export interface QueryPlan {
  /** The indexes that the plan reads, in the order in which they appear. */
  readonly indexes: string[];
  /** Whether some collection is read from end to end. */
  readonly collectionScan: boolean;
  /** Who makes the order that the query asks for. */
  readonly sorted: 'index' | 'memory' | 'none';
}

type Json = Readonly<Record<string, unknown>>;

/** Stages that read an index without being called IXSCAN; the first two read that of `_id`. */
const BY_ID = new Set(['IDHACK', 'EXPRESS_IXSCAN', 'CLUSTERED_IXSCAN']);

/** Reads the output of an `explain` at any verbosity, of a real mongod or of the local engine. */
export function planOf(output: unknown): QueryPlan {
  const indexes = new Set<string>();
  let collectionScan = false;
  let sortStage = false;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    const node = value as Json;
    const { stage, indexName, indexesUsed, collectionScans } = node as Record<string, unknown>;
    if (stage === 'COLLSCAN' || Number(collectionScans ?? 0) > 0) collectionScan = true;
    if (stage === 'SORT' || '$sort' in node) sortStage = true;
    if (typeof indexName === 'string') indexes.add(indexName);
    else if (typeof stage === 'string' && BY_ID.has(stage)) indexes.add('_id_');
    if (Array.isArray(indexesUsed)) for (const name of indexesUsed) indexes.add(String(name));
    for (const [key, child] of Object.entries(node)) {
      if (!NOT_THE_PLAN.has(key)) visit(child);
    }
  };
  visit(output);
  const sorted = sortStage ? 'memory' : asksForOrder(output) ? 'index' : 'none';
  return { indexes: [...indexes], collectionScan, sorted };
}

/** Parts of the output that tell of other things than the plan that was chosen. */
const NOT_THE_PLAN = new Set([
  ...['rejectedPlans', 'allPlansExecution', 'command', 'postgres', 'parsedQuery', 'slotBasedPlan'],
  ...['filter', 'keyPattern', 'sortPattern', 'indexBounds', 'multiKeyPaths'],
]);

function asksForOrder(output: unknown): boolean {
  const command = ((output as Json | null)?.['command'] ?? {}) as Json;
  const sorts = (sort: unknown) => Object.keys(sort ?? {}).length > 0;
  const pipeline = Array.isArray(command['pipeline']) ? (command['pipeline'] as Json[]) : [];
  return sorts(command['sort']) || pipeline.some((stage) => sorts(stage['$sort']));
}
