/** What a problem may tell the caller, beyond its code and sentence. Everything here is public. */
export interface Facts {
  readonly details?: readonly string[];
  readonly field?: string;
  /** The state that made the request impossible, so that a client can refresh itself. */
  readonly current?: unknown;
  readonly until?: Date | null;
  readonly caseId?: string;
  readonly retryAfterSeconds?: number;
  readonly allow?: readonly string[];
  readonly limitBytes?: number;
  readonly cause?: unknown;
}

interface Spec {
  /** Stable, documented and never reused. */
  readonly code: string;
  readonly status: number;
  /** One sentence that is safe to show to anyone. */
  readonly error: string;
}

/** A failure the caller can act on. Anything else that is thrown is a bug and answers 500. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly facts: Facts;

  constructor({ code, status, error }: Spec, facts: Facts = {}) {
    super(error, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = code;
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** What came of one of several things that were done together. */
export type Outcome<Result> = Result | Problem;

/** Those that came to something. */
export const succeeded = <Result>(outcomes: readonly Outcome<Result>[]): Result[] =>
  outcomes.flatMap((outcome) => (outcome instanceof Problem ? [] : [outcome]));

export interface ProblemClass {
  new (facts?: Facts): Problem;
  readonly spec: Spec;
}

/** Declares one kind of problem: `class SoldOut extends problem({ … }) {}`. */
export const problem = (spec: Spec): ProblemClass =>
  class extends Problem {
    static readonly spec = spec;
    constructor(facts?: Facts) {
      super(spec, facts);
    }
  };

export class ValidationFailed extends problem({
  code: 'validation_failed',
  status: 400,
  error: 'Validation failed',
}) {}
export class MalformedJson extends problem({
  code: 'malformed_json',
  status: 400,
  error: 'Malformed JSON',
}) {}
export class MalformedRequest extends problem({
  code: 'malformed_request',
  status: 400,
  error: 'Malformed request',
}) {}
/** What the shape of an id says to a malformed one. Not beside the ids, which load a driver. */
export const INVALID_ID = 'Invalid id';
export class InvalidId extends problem({ code: 'invalid_id', status: 400, error: INVALID_ID }) {}
export class InvalidCursor extends problem({
  code: 'invalid_cursor',
  status: 400,
  error: 'Invalid cursor',
}) {}
export class DuplicateEntry extends problem({
  code: 'duplicate_entry',
  status: 400,
  error: 'Duplicate entry',
}) {}
export class IdempotencyKeyMissing extends problem({
  code: 'idempotency_key_missing',
  status: 400,
  error: 'Idempotency-Key header required',
}) {}
export class NoToken extends problem({
  code: 'no_token',
  status: 401,
  error: 'No token provided',
}) {}
export class InvalidToken extends problem({
  code: 'invalid_token',
  status: 401,
  error: 'Invalid token',
}) {}
export class TokenExpired extends problem({
  code: 'token_expired',
  status: 401,
  error: 'Token expired',
}) {}
export class UserNotFound extends problem({
  code: 'user_not_found',
  status: 401,
  error: 'User not found',
}) {}
export class InsufficientBalance extends problem({
  code: 'insufficient_balance',
  status: 402,
  error: 'Insufficient balance',
}) {}
export class AdminRequired extends problem({
  code: 'admin_required',
  status: 403,
  error: 'Admin access required',
}) {}
export class SellerRequired extends problem({
  code: 'seller_required',
  status: 403,
  error: 'Seller access required',
}) {}
export class PermissionRequired extends problem({
  code: 'permission_required',
  status: 403,
  error: 'Permission required',
}) {}
export class EmailNotVerified extends problem({
  code: 'email_not_verified',
  status: 403,
  error: 'Confirm your email address first',
}) {}
export class AccountRestricted extends problem({
  code: 'account_restricted',
  status: 403,
  error: 'Account restricted',
}) {}
export class NotFound extends problem({ code: 'not_found', status: 404, error: 'Not found' }) {}
export class MethodNotAllowed extends problem({
  code: 'method_not_allowed',
  status: 405,
  error: 'Method not allowed',
}) {}
export class Conflict extends problem({ code: 'conflict', status: 409, error: 'Conflict' }) {}
export class RequestInProgress extends problem({
  code: 'request_in_progress',
  status: 409,
  error: 'Request in progress',
}) {}
export class TooLarge extends problem({
  code: 'too_large',
  status: 413,
  error: 'Request body too large',
}) {}
export class UnsupportedMediaType extends problem({
  code: 'unsupported_media_type',
  status: 415,
  error: 'Unsupported media type',
}) {}
export class IdempotencyKeyReused extends problem({
  code: 'idempotency_key_reused',
  status: 422,
  error: 'Idempotency key reused',
}) {}
export class RateLimited extends problem({
  code: 'rate_limited',
  status: 429,
  error: 'Too many requests',
}) {}
export class Unavailable extends problem({
  code: 'unavailable',
  status: 503,
  error: 'Service unavailable, try again',
}) {}
