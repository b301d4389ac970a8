import type { Document } from './wire.ts';

/** A node of a plan as PostgreSQL prints it in JSON; only what is looked at is named. */
export interface PgNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Scan Direction'?: string;
  readonly 'Function Name'?: string;
  readonly 'Sort Key'?: readonly string[];
  readonly Filter?: string;
  readonly Plans?: readonly PgNode[];
  readonly IndexDetails?: readonly { readonly indexName: string; readonly indexKey?: string }[];
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
}

/** Every collection is a slice of one key space; this condition alone says "all of the collection". */
const WHOLE_COLLECTION = /^\(?shard_key_value = '\d+'::bigint\)?$/;

const SORTS = new Set(['Sort', 'Incremental Sort']);
const SCANS = new Set(['Index Scan', 'Index Only Scan']);

/** The plan in MongoDB's words: IXSCAN, COLLSCAN, FETCH, SORT, LIMIT, OR; other nodes by their name. */
export function stageOf(
  node: PgNode,
  sortsById: boolean,
  keys: ReadonlyMap<string, Document> = new Map(),
): Document {
  const type = node['Node Type'];
  const known = withKeys(node, keys);
  const inputs = () => (node.Plans ?? []).map((child) => stageOf(child, sortsById, known));
  if (type === 'Custom Scan' && node.Plans?.length === 1) return inputs()[0] ?? {};
  if (type === 'Seq Scan') return { stage: 'COLLSCAN', direction: 'forward' };
  if (SCANS.has(type)) {
    const scan = indexScan(node, known, sortsById && node.Filter === undefined);
    return scan['stage'] === 'COLLSCAN' ? scan : { stage: 'FETCH', inputStage: scan };
  }
  if (type === 'Bitmap Index Scan') return indexScan(node, known, false);
  if (type === 'Bitmap Heap Scan') {
    const [scan = {}] = inputs();
    return scan['stage'] === 'COLLSCAN' ? scan : { stage: 'FETCH', inputStage: scan };
  }
  return withInputs(nameOf(node), inputs());
}

function nameOf(node: PgNode): string {
  const type = node['Node Type'];
  if (node['Function Name'] === 'empty_data_table') return 'EOF';
  if (type === 'BitmapOr') return 'OR';
  if (type === 'BitmapAnd') return 'AND_SORTED';
  // sorting in order to group is the engine's own affair; only a wanted order is called SORT
  if (SORTS.has(type)) return ordersDocuments(node) ? 'SORT' : 'GROUP_SORT';
  return type.toUpperCase().replaceAll(' ', '_');
}

const ordersDocuments = (node: PgNode): boolean =>
  (node['Sort Key'] ?? []).some((key) =>
    /bson_orderby|bson_text_meta|bson_document_meta/.test(key),
  );

function withInputs(stage: string, inputs: Document[]): Document {
  if (inputs.length === 0) return { stage };
  return inputs.length === 1 ? { stage, inputStage: inputs[0] } : { stage, inputStages: inputs };
}

function indexScan(
  node: PgNode,
  keys: ReadonlyMap<string, Document>,
  servesOrder: boolean,
): Document {
  const name = node['Index Name'] ?? '';
  const condition = node['Index Cond'] ?? '';
  const whole = name === '_id_' && (condition === '' || WHOLE_COLLECTION.test(condition));
  if (whole && !servesOrder) return { stage: 'COLLSCAN', direction: 'forward' };
  const keyPattern = name === '_id_' ? { _id: 1 } : keys.get(name);
  return {
    stage: 'IXSCAN',
    indexName: name,
    ...(keyPattern && { keyPattern }),
    direction: node['Scan Direction'] === 'Backward' ? 'backward' : 'forward',
  };
}

function withKeys(
  node: PgNode,
  keys: ReadonlyMap<string, Document>,
): ReadonlyMap<string, Document> {
  const found = (node.IndexDetails ?? []).flatMap(({ indexName, indexKey }) =>
    indexKey === undefined ? [] : [[indexName, JSON.parse(indexKey) as Document] as const],
  );
  return found.length === 0 ? keys : new Map([...keys, ...found]);
}

/** Whether documents are put into the wanted order by sorting them. */
export const sortedInMemory = (node: PgNode): boolean =>
  nameOf(node) === 'SORT' || (node.Plans ?? []).some(sortedInMemory);

/** What running the plan took, as MongoDB counts it. */
export function statsOf(root: PgNode): Document {
  let totalKeysExamined = 0;
  let totalDocsExamined = 0;
  const visit = (node: PgNode): void => {
    const loops = node['Actual Loops'] ?? 0;
    const removed =
      (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    const rows = ((node['Actual Rows'] ?? 0) + removed) * loops;
    const type = node['Node Type'];
    if (SCANS.has(type) || type === 'Bitmap Index Scan') totalKeysExamined += rows;
    if (SCANS.has(type) || type === 'Bitmap Heap Scan' || type === 'Seq Scan') {
      totalDocsExamined += rows;
    }
    node.Plans?.forEach(visit);
  };
  visit(root);
  return { nReturned: root['Actual Rows'] ?? 0, totalKeysExamined, totalDocsExamined };
}
