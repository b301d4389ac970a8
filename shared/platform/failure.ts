import { duplicateKey } from './duplicate.ts';
import { internalError } from './http.ts';
import { DuplicateEntry, InvalidId, Problem, Unavailable, ValidationFailed } from './problem.ts';

const UNREACHABLE = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
]);

/** The one place where anything thrown becomes an answer. */
export function problemFor(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (typeof error !== 'object' || error === null) return internalError();
  const field = duplicateKey(error);
  if (field !== undefined) return new DuplicateEntry({ field: publicName(field), cause: error });
  const { name, statusCode, message, errors, path } = error as ThrownFacts;
  if (name === 'ValidationError' && errors)
    return new ValidationFailed({
      details: Object.values(errors).map((one) => one.message),
      cause: error,
    });
  if (name === 'CastError' && path !== undefined)
    return new InvalidId({ field: path === '_id' ? 'id' : path, cause: error });
  if (name !== undefined && UNREACHABLE.has(name))
    return new Unavailable({ retryAfterSeconds: 2, cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Problem({ code: 'request_refused', status: statusCode, error: message ?? '' });
  return internalError();
}

interface ThrownFacts {
  readonly name?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly path?: string;
  readonly errors?: Readonly<Record<string, { readonly message: string }>>;
}

/** What a caller knows the field as: a stored `usernameLower` is their `username`. */
const publicName = (field: string): string => field.replace(/Lower$/, '');
