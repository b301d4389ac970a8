import type { z } from 'zod';
import type { Access, ActorOf, RestrictedAction } from './access.ts';
import type { Logger } from './log.ts';
import type { Outcome, ProblemClass } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A file that came with a multipart request. */
export interface UploadedFile {
  readonly name: string;
  /** As the sender declared it, not as it is. */
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** What a handler may know of the request beyond its input. */
export interface RequestFacts {
  readonly id: string;
  /** The client's network address, as far as our own proxies vouch for it. */
  readonly address: string;
  readonly userAgent: string;
  readonly rawBody: Buffer;
  readonly header: (name: string) => string | undefined;
}

export interface Call<Params, Query, Body, Who extends Access> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly file: UploadedFile | undefined;
  readonly actor: ActorOf<Who>;
  /** The time of this request. Domain code takes it as an argument and never asks the clock. */
  readonly now: Date;
  readonly log: Logger;
  readonly request: RequestFacts;
  /** The same for every repeat of this request; present where idempotency is. */
  readonly operationId: string;
}

/** What a function needs of the cloud; what is not said is 256 MB, 60 s, and at most 10 instances. */
export interface Resources {
  readonly memoryMb?: 256 | 512 | 1024 | 2048 | 4096;
  readonly timeoutSeconds?: number;
  readonly concurrency?: number;
  readonly minInstances?: number;
  readonly maxInstances?: number;
}

/**
 * One HTTP function, declared once. The URL, the rewrites, the infrastructure, the OpenAPI
 * document, the typed client and the contract tests are all read from this object.
 */
export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
  Who extends Access = Access,
> {
  /** One sentence in the imperative. It becomes the OpenAPI summary. */
  readonly summary: string;
  readonly method: Method;
  /** `/api/content/:id/like` */
  readonly path: string;
  readonly access: Who;
  /** Refuses accounts that are restricted from this. */
  readonly restrictedBy?: RestrictedAction;
  readonly rateLimit: RateLimit;
  /**
   * `required`: 400 without an Idempotency-Key. `derived`: a missing key is made from user, body
   * and minute, and the answer says so. `honoured`: optional.
   */
  readonly idempotency?: 'required' | 'derived' | 'honoured';
  /**
   * `database` (the default) runs an idempotent handler in one transaction with its answer;
   * `outside` is for handlers that call another company and are repeatable by `operationId`.
   */
  readonly effect?: 'database' | 'outside';
  /**
   * The requests of one actor, to all endpoints that say so, run one after another within an
   * instance. For what debits the actor's wallet: see docs/decisions/hot-wallets.md.
   */
  readonly inTurn?: 'actor';
  /** The answer holds tokens: what is kept for a replay is encrypted. */
  readonly secretAnswer?: true;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Also accepts multipart/form-data with one file in this field. */
  readonly upload?: { readonly field: string; readonly maxBytes: number };
  /** Bytes of a JSON body; 256 KiB unless said. */
  readonly maxBodyBytes?: number;
  readonly status?: 200 | 201 | 202;
  readonly output: Out;
  /** The problems this endpoint may answer with, beyond those its declaration implies. */
  readonly problems?: readonly ProblemClass[];
  /** Cache-Control of a successful answer; `no-store` unless said. */
  readonly cache?: string;
  /** False for the few functions that never touch the database. */
  readonly database?: false;
  readonly resources?: Resources;
  readonly handler: (
    call: Call<z.infer<Params>, z.infer<Query>, z.infer<Body>, Who>,
  ) => Promise<z.input<Out>>;
}

/**
 * An endpoint for what many want at once. The requests that wait within an instance are carried out
 * in one transaction, which costs hardly more for fifty than for one. The handler is given all of
 * them and says, in their order, what each has come to: its answer, or its problem, which is no
 * failure of the others. It only touches the database, and may be run again.
 */
export interface TogetherEndpoint<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Out extends z.ZodType,
  Who extends Access,
> extends Omit<
    Endpoint<Params, Query, Body, Out, Who>,
    'handler' | 'effect' | 'inTurn' | 'secretAnswer'
  > {
  readonly idempotency: 'required' | 'derived';
  readonly handler: (
    calls: readonly Call<z.infer<Params>, z.infer<Query>, z.infer<Body>, Who>[],
    now: Date,
  ) => Promise<readonly Outcome<z.input<Out>>[]>;
}

export interface AnyEndpoint extends Omit<Endpoint, 'handler' | 'effect'> {
  readonly kind: 'endpoint';
  readonly effect?: 'database' | 'outside' | 'together';
  readonly handler: (call: never, now: Date) => Promise<unknown>;
}

export const DEFAULT_MAX_BODY_BYTES = 256 * 1024;

export const endpoint = <
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Out extends z.ZodType,
  const Who extends Access,
>(
  definition: Endpoint<Params, Query, Body, Out, Who>,
) => ({ kind: 'endpoint', ...definition }) as const;

export const endpointTogether = <
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Out extends z.ZodType,
  const Who extends Access,
>(
  definition: TogetherEndpoint<Params, Query, Body, Out, Who>,
) => ({ kind: 'endpoint', effect: 'together', ...definition }) as const;
