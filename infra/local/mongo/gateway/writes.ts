import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import type { Call, Handler } from './call.ts';
import {
  conflictIfUnseen,
  describeDuplicate,
  duplicateError,
  isDuplicate,
  rejectedByUpdate,
  rejectedDocument,
  type UpdateSpec,
} from './duplicate-keys.ts';
import { Code, CommandError, codeOf, unpackState, writeConflict } from './errors.ts';
import type { Row } from './pool.ts';
import { SQL } from './statements.ts';
import { type Document, decode, decodePlain, encode, splitSequence } from './wire.ts';

/** Where each command keeps its operations, beside the body or inside of it. */
const OPERATIONS = { insert: 'documents', update: 'updates', delete: 'deletes' } as const;
type Kind = keyof typeof OPERATIONS;

const ATTEMPTS = 8;

interface WriteError extends Document {
  index: number;
  code: number;
  errmsg: string;
}

interface WriteReply extends Document {
  n: number;
  nModified?: number;
  upserted?: { index: number; _id: unknown }[];
  writeErrors?: WriteError[];
}

/** Waiting for a lock is done here and not in the engine, where a waiter would hold a connection. */
const LOCK_PATIENCE_MS = 60_000;

/** Conflicts between statements that are each fine alone: the engine's own racing bookkeeping. */
const isRace = (error: unknown): boolean => {
  if (!(error instanceof DatabaseError)) return false;
  const { code = '', table = '' } = error;
  if (code.startsWith('M')) return false; // the engine's own verdict on the command
  if (['40P01', '40001', '42P07', '42P06', '42710'].includes(code)) return true;
  if (code === '23505' && !table.startsWith('documents_')) return true;
  return /concurrently (updated|deleted)|already exists|cache lookup failed|could not open relation/.test(
    error.message,
  );
};

const isLocked = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '55P03';

/** Repeats what lost a race outside of a transaction; inside one the driver repeats the whole. */
export async function withoutRaces<T>(call: Call, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (call.transaction !== undefined) throw error;
      const again = isLocked(error) ? Date.now() < deadline : attempt < ATTEMPTS && isRace(error);
      if (!again) throw error;
      await pause(attempt);
    }
  }
}

/** Grows from a few milliseconds to a quarter of a second, at random, so that rivals come apart. */
const pause = (attempt: number): Promise<void> =>
  delay(Math.random() * Math.min(250, 4 * 2 ** attempt));

const write =
  (kind: Kind): Handler =>
  async (call) => {
    const { request } = call;
    const values = [request.database, request.body, request.sequence ?? null] as const;
    const [row] = await withoutRaces(call, () => call.run(SQL[kind], values));
    if (row?.['p_success'] === true) return row['p_result'] as Buffer;
    return settle(call, kind, decodeReply(row));
  };

const decodeReply = (row: Row | undefined): WriteReply =>
  decodePlain(row?.['p_result'] as Buffer) as WriteReply;

/** Turns the engine's write errors into MongoDB's, repeating first what only lost a race. */
async function settle(call: Call, kind: Kind, first: WriteReply): Promise<Buffer> {
  const operations = operationsOf(call, kind);
  let reply = translated(first);
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (let attempt = 1; call.transaction === undefined && Date.now() < deadline; attempt++) {
    const again = repeatable(call, kind, operations, reply, attempt);
    if (again.length === 0) break;
    await pause(attempt);
    reply = merge(reply, again, await runAgain(call, kind, operations, again));
  }
  const { writeErrors = [] } = reply;
  for (const error of writeErrors) {
    const conflict = error.code === Code.WriteConflict || error.code === Code.LockTimeout;
    if (call.transaction !== undefined && conflict) throw writeConflict();
    if (error.code === Code.DuplicateKey) await explain(call, kind, operations, error);
  }
  if (writeErrors.length > 0) call.transaction?.doom();
  return encode(reply);
}

function operationsOf({ request }: Call, kind: Kind): Buffer[] {
  if (request.sequence !== undefined) return splitSequence(request.sequence);
  return Object.values(request.document(OPERATIONS[kind]) ?? {}).map((one) =>
    encode(one as Document),
  );
}

function translated(reply: WriteReply): WriteReply {
  for (const error of reply.writeErrors ?? []) {
    error.code = codeOf(unpackState(error.code));
  }
  return reply;
}

/** Which operations to send again: conflicts, upserts that met their twin, and what waits behind. */
function repeatable(
  call: Call,
  kind: Kind,
  operations: Buffer[],
  reply: WriteReply,
  attempt: number,
): number[] {
  const lost = (reply.writeErrors ?? [])
    .filter(({ index, code }) => {
      if (code === Code.LockTimeout) return true;
      if (attempt >= ATTEMPTS) return false; // what is still so is no race
      if (code === Code.WriteConflict) return true;
      return code === Code.DuplicateKey && kind === 'update' && isUpsert(operations[index]);
    })
    .map(({ index }) => index);
  const [first] = lost;
  const ordered = call.request.flag('ordered') !== false;
  if (!ordered || first === undefined) return lost;
  return operations.map((_, index) => index).filter((index) => index >= first);
}

const isUpsert = (operation: Buffer | undefined): boolean =>
  operation !== undefined && (decode(operation) as UpdateSpec).upsert === true;

async function runAgain(
  call: Call,
  kind: Kind,
  operations: Buffer[],
  indexes: readonly number[],
): Promise<WriteReply> {
  const { request } = call;
  const { [OPERATIONS[kind]]: _inside, ...command } = decode(request.body);
  const sequence = Buffer.concat(indexes.map((index) => operations[index] ?? Buffer.alloc(0)));
  const values = [request.database, encode(command), sequence] as const;
  const [row] = await withoutRaces(call, () => call.run(SQL[kind], values));
  return translated(decodeReply(row));
}

/** Joins what a repeated part of the operations did to what the first sending did. */
function merge(before: WriteReply, indexes: readonly number[], after: WriteReply): WriteReply {
  const place = (index: number): number => indexes[index] ?? index;
  const untouched = (before.writeErrors ?? []).filter(({ index }) => !indexes.includes(index));
  const errors = (after.writeErrors ?? []).map((e) => ({ ...e, index: place(e.index) }));
  const upserted = (after.upserted ?? []).map((one) => ({ ...one, index: place(one.index) }));
  const merged: WriteReply = { ...after, n: before.n + after.n };
  if (before.nModified !== undefined) {
    merged.nModified = before.nModified + (after.nModified ?? 0);
  }
  delete merged.upserted;
  delete merged.writeErrors;
  const allUpserted = [...(before.upserted ?? []), ...upserted];
  const allErrors = [...untouched, ...errors].sort((a, b) => a.index - b.index);
  if (allUpserted.length > 0) merged.upserted = allUpserted;
  if (allErrors.length > 0) merged.writeErrors = allErrors;
  return merged;
}

async function explain(
  call: Call,
  kind: Kind,
  operations: Buffer[],
  error: WriteError,
): Promise<void> {
  const operation = operations[error.index];
  const spec = operation === undefined ? {} : decode(operation);
  const rejected = kind === 'insert' ? spec : await rejectedByUpdate(call, spec);
  const duplicate = await describeDuplicate(call, error.errmsg, rejected);
  if (call.transaction !== undefined) await conflictIfUnseen(call, duplicate);
  Object.assign(error, duplicate);
}

const findAndModify: Handler = async (call) => {
  const { request, transaction } = call;
  const body = request.name === 'findAndModify' ? request.body : renamed(request.body);
  const upsert = request.flag('upsert') === true;
  for (let attempt = 1; ; attempt++) {
    try {
      await transaction?.sql('SAVEPOINT modify');
      const [row] = await withoutRaces(call, () =>
        call.run(SQL.findAndModify, [request.database, body]),
      );
      await transaction?.sql('RELEASE SAVEPOINT modify');
      return modified(row);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      if (upsert && transaction === undefined && attempt < ATTEMPTS) {
        await pause(attempt);
        continue; // met its twin, which it will now find and modify
      }
      await transaction?.sql('ROLLBACK TO SAVEPOINT modify');
      const message = error.constraint ?? error.message;
      const duplicate = await describeDuplicate(call, message, rejectedDocument(error) ?? {});
      if (transaction !== undefined) await conflictIfUnseen(call, duplicate);
      throw duplicateError(duplicate);
    }
  }
};

/** The command's older spelling, which the engine does not know. */
function renamed(body: Buffer): Buffer {
  const { findandmodify: collection, ...rest } = decode(body);
  return encode({ findAndModify: collection, ...rest });
}

function modified(row: Row | undefined): Buffer {
  const result = row?.['p_result'] as Buffer;
  if (row?.['p_success'] === true) return result;
  const { code, errmsg } = decodePlain(result);
  throw new CommandError(codeOf(unpackState(Number(code))), String(errmsg));
}

export const writes: Readonly<Record<string, Handler>> = {
  insert: write('insert'),
  update: write('update'),
  delete: write('delete'),
  findAndModify,
  findandmodify: findAndModify,
};
