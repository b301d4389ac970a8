export type Json = Readonly<Record<string, unknown>>;

/** What the driver adds to a command for its session; an explanation needs none of it. */
const OF_THE_SESSION = new Set([
  ...['lsid', 'txnNumber', '$db', '$clusterTime', 'autocommit', 'startTransaction'],
  ...['readConcern', 'writeConcern', 'ordered', 'bypassDocumentValidation', '$readPreference'],
]);

const FINDING = ['find', 'aggregate', 'count', 'distinct', 'findAndModify'] as const;

/** The queries inside a command, each as a command that can be explained; none in an insert. */
export function partsOf(command: Json): Json[] {
  const plain = Object.fromEntries(
    Object.entries(command).filter(([name]) => !OF_THE_SESSION.has(name)),
  );
  const [name = ''] = Object.keys(plain);
  if (name === 'update' || name === 'delete') {
    const list = (plain[`${name}s`] ?? []) as readonly Json[];
    return list.map((one) => ({ ...plain, [`${name}s`]: [one] }));
  }
  return FINDING.some((finding) => finding === name) ? [plain] : [];
}

/** A query without its values: what decides which index can serve it. */
export function shapeOf(command: Json): string {
  const [name = ''] = Object.keys(command);
  const { updates, deletes, filter, query, sort, pipeline } = command;
  const where =
    filter ??
    query ??
    ((updates ?? deletes) as readonly { readonly q?: unknown }[] | undefined)?.[0]?.q ??
    {};
  return [
    `${String(command[name])}.${name}`,
    pipeline ? JSON.stringify(outline(pipeline)) : JSON.stringify(outline(where)),
    ...(sort ? [`sort ${JSON.stringify(outline(sort))}`] : []),
  ].join(' ');
}

/** The names and operators of a filter; a list of values only tells whether it has any. */
function outline(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value;
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    const each = new Set(value.map((item) => JSON.stringify(outline(item))));
    return [...each].map((item) => JSON.parse(item) as unknown);
  }
  const { _bsontype: bson } = value as { readonly _bsontype?: string };
  if (bson !== undefined) return bson;
  if (value instanceof Date || value instanceof RegExp) return value.constructor.name;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, DIRECTIONS.has(inner) ? inner : outline(inner)]),
  );
}

const DIRECTIONS: ReadonlySet<unknown> = new Set([1, -1]);
