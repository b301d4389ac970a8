import type { Call, Engine, Handler } from './call.ts';
import { asRetryableError, Code, CommandError, toCommandError } from './errors.ts';
import { explain } from './explain.ts';
import { greeting } from './greeting.ts';
import { Request } from './request.ts';
import { result, schema } from './schema.ts';
import { SQL } from './statements.ts';
import { encode, type Message } from './wire.ts';
import { withoutRaces, writes } from './writes.ts';

const OK = encode({ ok: 1 });

const reads: Readonly<Record<string, Handler>> = {
  find: (call) => call.engine.cursors.open(call.run, SQL.find, call.request),
  aggregate: (call) =>
    withoutRaces(call, () => call.engine.cursors.open(call.run, SQL.aggregate, call.request)),
  listCollections: (call) => call.engine.cursors.open(call.run, SQL.listCollections, call.request),
  listIndexes: (call) => call.engine.cursors.open(call.run, SQL.listIndexes, call.request),
  getMore: (call) => call.engine.cursors.getMore(call.run, call.request),
  killCursors: (call) => call.engine.cursors.kill(call.request),
  count: (call) => result(call, SQL.count, [call.request.database, call.request.body]),
  distinct: (call) =>
    withoutRaces(call, () =>
      result(call, SQL.distinct, [call.request.database, call.request.body]),
    ),
  explain,
};

const sessions: Readonly<Record<string, Handler>> = {
  commitTransaction: ({ engine, request, owner }) => engine.transactions.commit(request, owner),
  abortTransaction: ({ engine, request }) => engine.transactions.abort(request),
  endSessions: endSessions,
  killSessions: endSessions,
};

function endSessions({ engine, request }: Call): Promise<Buffer> {
  for (const lsid of Object.values(request.document(request.name) ?? {})) {
    const bytes = encode(lsid as Record<string, unknown>);
    const session = bytes.toString('latin1', 4, bytes.length - 1);
    engine.transactions.endSession(session);
    engine.retryableWrites.endSession(session);
  }
  return Promise.resolve(OK);
}

const HANDLERS = new Map<string, Handler>(
  Object.entries({ ...greeting, ...reads, ...writes, ...schema, ...sessions }),
);

/** Answers one command; whatever goes wrong becomes an answer too. */
export async function answer(engine: Engine, message: Message, owner: object): Promise<Buffer> {
  try {
    const request = new Request(message);
    const handler = HANDLERS.get(request.name);
    if (handler === undefined) {
      throw new CommandError(Code.CommandNotFound, `no such command: '${request.name}'`);
    }
    return await route(engine, request, handler, owner);
  } catch (error) {
    return toCommandError(error).toReply();
  }
}

function route(engine: Engine, request: Request, handler: Handler, owner: object): Promise<Buffer> {
  const call = { request, engine, owner, run: engine.pool.run, transaction: undefined };
  if (request.name in sessions) return handler(call);
  if (request.inTransaction) {
    return engine.transactions.perform(request, owner, (transaction) =>
      handler({ ...call, run: transaction.run, transaction }),
    );
  }
  if (request.txnNumber === undefined) return handler(call);
  return engine.retryableWrites.perform(request, async () => {
    try {
      return await handler(call);
    } catch (error) {
      throw asRetryableError(toCommandError(error));
    }
  });
}
