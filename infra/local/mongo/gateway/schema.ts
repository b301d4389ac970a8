import type { Call, Handler } from './call.ts';
import { Code, CommandError, codeOf, unpackState } from './errors.ts';
import type { Statement, Value } from './pool.ts';
import { SQL } from './statements.ts';
import { type Document, decodePlain, encode } from './wire.ts';
import { withoutRaces } from './writes.ts';

const OK = encode({ ok: 1 });

/** A function of the engine that answers with one document, in a column called `result`. */
export async function result(
  call: Call,
  statement: Statement,
  values: readonly Value[],
): Promise<Buffer> {
  const [row] = await call.run(statement, values);
  return row?.['result'] as Buffer;
}

/** A change of collections or indexes: alone, and repeated when a write got in between. */
const change =
  (work: Handler): Handler =>
  (call) =>
    call.engine.alone(() => withoutRaces(call, () => work(call)));

const create = change(async (call) => {
  const { request } = call;
  if (request.flag('capped') === true || request.has('timeseries')) {
    throw new CommandError(
      Code.CommandNotSupported,
      'capped and time-series collections are not kept here',
    );
  }
  return result(call, SQL.create, [request.database, request.body]);
});

const createIndexes = change(async (call) => {
  const { request } = call;
  const { raw } = decodePlain(
    await result(call, SQL.createIndexes, [request.database, request.body]),
  );
  const [outcome = {}] = Object.values((raw ?? {}) as Document) as Document[];
  if (outcome['ok'] === 1) return encode(outcome);
  const code = Number(outcome['code'] ?? Code.InternalError);
  throw new CommandError(
    code > 0xffff ? codeOf(unpackState(code)) : code,
    String(outcome['errmsg'] ?? 'the index cannot be made'),
  );
});

const dropIndexes = change(async (call) => {
  const { database, body } = call.request;
  const [row] = await call.run(SQL.dropIndexes, [database, body]);
  const reply = decodePlain(Buffer.from(String(row?.['retval']).replace('BSONHEX', ''), 'hex'));
  return encode({ nIndexesWas: reply['nIndexesWas'] ?? 0, ok: 1 });
});

const drop = change(async (call) => {
  const { database, collection, namespace } = call.request;
  const [row] = await call.run(SQL.drop, [database, collection]);
  return row?.['dropped'] === true ? encode({ ns: namespace, nIndexesWas: 1, ok: 1 }) : OK;
});

const dropDatabase = change(async (call) => {
  const { database } = call.request;
  await call.run(SQL.dropDatabase, [database]);
  return encode({ dropped: database, ok: 1 });
});

const collMod = change((call) => {
  const { database, collection, body } = call.request;
  return result(call, SQL.collMod, [database, collection, body]);
});

const renameCollection = change((call) => result(call, SQL.rename, [call.request.body]));

export const schema: Readonly<Record<string, Handler>> = {
  create,
  createIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  drop,
  dropDatabase,
  collMod,
  renameCollection,
  collStats: (call) =>
    result(call, SQL.collStats, [
      call.request.database,
      call.request.collection,
      call.request.number('scale') ?? 1,
    ]),
  dbStats: (call) =>
    result(call, SQL.dbStats, [call.request.database, call.request.number('scale') ?? 1]),
  validate: (call) => result(call, SQL.validate, [call.request.database, call.request.body]),
  listDatabases: (call) => result(call, SQL.listDatabases, [call.request.body]),
  currentOp: (call) => result(call, SQL.currentOp, [call.request.body]),
};
