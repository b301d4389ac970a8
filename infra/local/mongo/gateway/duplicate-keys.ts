import { EJSON } from 'bson';
import { DatabaseError } from 'pg';
import type { Call } from './call.ts';
import { Code, CommandError, writeConflict } from './errors.ts';
import { type Run, runOn } from './pool.ts';
import { SQL } from './statements.ts';
import { type Document, decode, encode } from './wire.ts';

/** What MongoDB tells about a duplicate key. */
export interface DuplicateKey {
  readonly errmsg: string;
  readonly keyPattern: Document;
  readonly keyValue: Document;
}

/** A single update, as the engine's `update` takes it. */
export interface UpdateSpec extends Document {
  readonly q?: Document;
  readonly u?: unknown;
  readonly upsert?: boolean;
}

/** Describes the violation in `message`; `rejected` is the document that was not let in. */
export async function describeDuplicate(
  call: Call,
  message: string,
  rejected: Document,
): Promise<DuplicateKey> {
  const { database, collection, namespace } = call.request;
  const { name, keyPattern } = await violatedIndex(call, database, collection, message);
  const keyValue: Document = {};
  for (const path of Object.keys(keyPattern)) keyValue[path] = valueAt(rejected, path) ?? null;
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${show(value)}`);
  const errmsg = `E11000 duplicate key error collection: ${namespace} index: ${name} dup key: { ${shown.join(', ')} }`;
  return { errmsg, keyPattern, keyValue };
}

async function violatedIndex(
  call: Call,
  database: string,
  collection: string,
  message: string,
): Promise<{ name: string; keyPattern: Document }> {
  const name = /Index '([^']+)'/.exec(message)?.[1];
  const id = /documents_rum_index_(\d+)/.exec(message)?.[1];
  if (name === '_id_' || (name === undefined && id === undefined)) {
    return { name: '_id_', keyPattern: { _id: 1 } };
  }
  // through the pool: a transaction that has failed can look nothing up
  const rows = await call.engine.pool.run(SQL.indexKey, [
    database,
    collection,
    name ?? '',
    id ?? '',
  ]);
  const key = rows[0]?.['key'];
  return {
    name: String(rows[0]?.['name'] ?? name ?? id),
    keyPattern: Buffer.isBuffer(key) ? decode(key) : {},
  };
}

/**
 * Inside a transaction a duplicate may be a document that the transaction cannot see, because it
 * was committed after the transaction began. Then the honest answer is a conflict: the next attempt
 * sees the document.
 */
export async function conflictIfUnseen(call: Call, duplicate: DuplicateKey): Promise<void> {
  const body = encode({ count: call.request.collection, query: duplicate.keyValue, limit: 1 });
  const rows = await call.run(SQL.count, [call.request.database, body]);
  const found = Number(decode(rows[0]?.['result'] as Buffer)['n']);
  if (found === 0) throw writeConflict();
}

/** The engine's `update` does not say which document it rejected; findAndModify does. */
export async function rejectedByUpdate(call: Call, spec: UpdateSpec): Promise<Document> {
  const { q = {}, u = {}, multi: _multi, hint: _hint, ...rest } = spec;
  const { collection, database } = call.request;
  const body = encode({ findAndModify: collection, query: q, update: u, ...rest });
  const attempt = async (run: Run, sql: (text: string) => Promise<unknown>) => {
    try {
      await run(SQL.findAndModify, [database, body]);
    } catch (error) {
      return rejectedDocument(error);
    } finally {
      await sql('ROLLBACK TO SAVEPOINT probe');
    }
    return undefined;
  };
  const { transaction } = call;
  let found: Document | undefined;
  if (transaction !== undefined) {
    await transaction.sql('SAVEPOINT probe');
    found = await attempt(transaction.run, transaction.sql);
  } else {
    found = await call.engine.pool.lend(async (client) => {
      await client.query('BEGIN');
      await client.query('SAVEPOINT probe');
      try {
        return await attempt(runOn(client), (text) => client.query(text));
      } finally {
        await client.query('ROLLBACK');
      }
    });
  }
  return found ?? guess(spec);
}

/** Where nothing better is known: the values that the update itself names. */
function guess({ q = {}, u }: UpdateSpec): Document {
  const update = (u ?? {}) as Document;
  const set = (update['$set'] ?? update) as Document;
  return { ...q, ...set };
}

/** The document in the detail of a violated constraint; for an `_id` there is only the value. */
export function rejectedDocument(error: unknown): Document | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  const hex = /\)=\(.*?BSONHEX([0-9a-f]+)/.exec(error.detail ?? '')?.[1];
  if (hex === undefined) return undefined;
  const document = decode(Buffer.from(hex, 'hex'));
  return '' in document ? { _id: document[''] } : document;
}

export const isDuplicate = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError &&
  (error.code === '23P01' || error.code === '23505') &&
  error.table?.startsWith('documents_') === true;

/** A failed command's error, for commands that answer so instead of with `writeErrors`. */
export const duplicateError = ({ errmsg, keyPattern, keyValue }: DuplicateKey): CommandError =>
  new CommandError(Code.DuplicateKey, errmsg, { keyPattern, keyValue });

function valueAt(document: Document, path: string): unknown {
  if (path in document) return document[path];
  let value: unknown = document;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Document)[step];
  }
  return value;
}

/** A value as MongoDB prints it in this message. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  const kind = (value as { _bsontype?: string } | null)?._bsontype;
  if (kind === 'ObjectId') return `ObjectId('${String(value)}')`;
  if (kind === 'Int32' || kind === 'Double' || kind === 'Long') return String(value);
  return EJSON.stringify(value);
}
