import type { Cursors } from './cursors.ts';
import type { Pool, Run } from './pool.ts';
import type { Request } from './request.ts';
import type { RetryableWrites } from './retryable-writes.ts';
import type { InTransaction, Transactions } from './transactions.ts';

/** What lives as long as the gateway does. */
export interface Engine {
  readonly pool: Pool;
  readonly cursors: Cursors;
  readonly transactions: Transactions;
  readonly retryableWrites: RetryableWrites;
  /** What drivers are told about this server. */
  address: string;
  readonly replicaSet: string;
  /** Runs changes of collections and indexes one after the other; at once they would deadlock. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/** One command, with everything that its handler may use. */
export interface Call {
  readonly request: Request;
  readonly engine: Engine;
  /** Runs SQL inside the command's transaction, if it has one. */
  readonly run: Run;
  readonly transaction: InTransaction | undefined;
  /** The client's connection. */
  readonly owner: object;
}

export type Handler = (call: Call) => Promise<Buffer>;
