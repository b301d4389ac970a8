import { DatabaseError } from 'pg';
import type { Document } from './wire.ts';
import { encode } from './wire.ts';

const TRANSIENT = 'TransientTransactionError';
const RETRYABLE = 'RetryableWriteError';
const UNKNOWN_COMMIT = 'UnknownTransactionCommitResult';

/** MongoDB's numbers for what can go wrong, by the name that its manual gives them. */
export const Code = {
  InternalError: 1,
  BadValue: 2,
  Unauthorized: 13,
  LockTimeout: 24,
  NamespaceNotFound: 26,
  CursorNotFound: 43,
  MaxTimeMSExpired: 50,
  CommandNotFound: 59,
  InvalidOptions: 72,
  ShutdownInProgress: 91,
  WriteConflict: 112,
  CommandNotSupported: 115,
  TransactionTooOld: 225,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  OperationNotSupportedInTransaction: 263,
  DuplicateKey: 11000,
} as const;

const NAMES = new Map<number, string>([
  ...Object.entries(Code).map(([name, code]) => [code, name] as const),
  [9, 'FailedToParse'],
  [14, 'TypeMismatch'],
  [15, 'Overflow'],
  [20, 'IllegalOperation'],
  [27, 'IndexNotFound'],
  [28, 'PathNotViable'],
  [40, 'ConflictingUpdateOperators'],
  [48, 'NamespaceExists'],
  [52, 'DollarPrefixedFieldName'],
  [53, 'InvalidIdField'],
  [56, 'EmptyFieldName'],
  [57, 'DottedFieldName'],
  [66, 'ImmutableField'],
  [67, 'CannotCreateIndex'],
  [68, 'IndexAlreadyExists'],
  [73, 'InvalidNamespace'],
  [85, 'IndexOptionsConflict'],
  [86, 'IndexKeySpecsConflict'],
  [121, 'DocumentValidationFailure'],
  [146, 'ExceededMemoryLimit'],
  [241, 'ConversionFailure'],
  [10334, 'BSONObjectTooLarge'],
]);

/** The engine's own SQLSTATEs, `M` and four digits in base 36, for MongoDB's numbers. */
const ENGINE_STATES = new Map<string, number>(
  Object.entries({
    ...{ M0000: 1, M0001: 2, M0003: 9, M0004: 14, M0005: 15, M0006: 20, M0008: 26, M0009: 27 },
    ...{ M000A: 28, M000D: 40, M000E: 43, M000F: 48, M000G: 52, M000J: 56, M000K: 57, M000M: 66 },
    ...{ M000N: 67, M000O: 68, M000P: 72, M000Q: 73, M000R: 85, M000S: 86, M000U: 115 },
    ...{ M000W: 146, M0015: 241, M0016: 263, M001B: 10334, M001C: 11000, M001H: 13113 },
    ...{ M00E8: 13 }, // reading only, which is how the auditor connects
    ...{ M0035: 17194, M007U: 40324, M00CO: 121, M00EW: 24, M00EX: 50, M00F1: 112, M00F6: 251 },
  }),
);

const POSTGRES_STATES = new Map<string, number>([
  ['23505', Code.DuplicateKey],
  ['23P01', Code.DuplicateKey],
  ['40001', Code.WriteConflict],
  ['40P01', Code.WriteConflict],
  ['55P03', Code.LockTimeout],
  ['57014', Code.MaxTimeMSExpired],
  ['25006', Code.Unauthorized], // a write where only reading is allowed
  ['25P02', Code.NoSuchTransaction],
  ['0A000', Code.CommandNotSupported],
  ['42P01', Code.NamespaceNotFound],
  ['53300', Code.ShutdownInProgress],
]);

/** An answer of failure in MongoDB's terms. */
export class CommandError extends Error {
  readonly code: number;
  readonly facts: Document;
  labels: string[] = [];

  constructor(code: number, message: string, facts: Document = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.facts = facts;
  }

  get codeName(): string {
    return NAMES.get(this.code) ?? `Location${this.code}`;
  }

  toReply(): Buffer {
    return encode({
      ok: 0,
      errmsg: this.message,
      code: this.code,
      codeName: this.codeName,
      ...this.facts,
      ...(this.labels.length > 0 && { errorLabels: this.labels }),
    });
  }
}

/** The engine packs an SQLSTATE of five characters, six bits each, into the code of a write error. */
export function unpackState(packed: number): string {
  let state = '';
  for (let rest = packed, i = 0; i < 5; i++, rest >>= 6) {
    state += String.fromCharCode((rest & 63) + 48);
  }
  return state;
}

/** MongoDB's number for an SQLSTATE. */
export function codeOf(state: string): number {
  if (state.startsWith('57P') || state.startsWith('08')) return Code.ShutdownInProgress;
  return ENGINE_STATES.get(state) ?? POSTGRES_STATES.get(state) ?? Code.InternalError;
}

/** What failed, in MongoDB's terms. A lost server connection is a shutdown: drivers retry it. */
export function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof DatabaseError) {
    return new CommandError(codeOf(error.code ?? ''), error.message, {}, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/connection|ECONN|EPIPE|terminated/i.test(message)) {
    return new CommandError(Code.ShutdownInProgress, 'the engine went away', {}, error);
  }
  if (error instanceof RangeError) return new CommandError(Code.BadValue, message, {}, error);
  return new CommandError(Code.InternalError, message, {}, error);
}

/** Conflicts that end a transaction but not the attempt: the driver starts it anew. */
const ENDS_ATTEMPT = new Set<number>([
  Code.WriteConflict,
  Code.NoSuchTransaction,
  Code.ShutdownInProgress,
]);

/** Marks an error inside a transaction; a lock that was not to be had is a conflict there. */
export function asTransactionError(error: CommandError): CommandError {
  const conflict = error.code === Code.LockTimeout || error.code === Code.MaxTimeMSExpired;
  const told = conflict ? writeConflict(error) : error;
  if (ENDS_ATTEMPT.has(told.code)) told.labels = [TRANSIENT];
  return told;
}

/** Marks an error of a write that the driver may send once more under the same number. */
export function asRetryableError(error: CommandError): CommandError {
  if (error.code === Code.ShutdownInProgress) error.labels = [RETRYABLE];
  return error;
}

/** Marks an error of a commit of which nobody can tell whether it happened. */
export function asCommitError(error: CommandError): CommandError {
  if (error.code === Code.ShutdownInProgress) error.labels = [RETRYABLE, UNKNOWN_COMMIT];
  return error;
}

export const writeConflict = (cause?: unknown): CommandError =>
  new CommandError(
    Code.WriteConflict,
    'Caused by :: Write conflict during transaction execution. Please retry your operation or multi-document transaction.',
    {},
    cause,
  );

export const noSuchTransaction = (txnNumber: bigint | undefined): CommandError => {
  const error = new CommandError(
    Code.NoSuchTransaction,
    `Given transaction number ${txnNumber ?? ''} does not match any in-progress transactions`,
  );
  error.labels = [TRANSIENT];
  return error;
};
