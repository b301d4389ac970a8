import {
  asCommitError,
  asTransactionError,
  Code,
  CommandError,
  noSuchTransaction,
  toCommandError,
  writeConflict,
} from './errors.ts';
import { type Loan, type Pool, type Run, runOn } from './pool.ts';
import type { Request } from './request.ts';
import { Turns } from './turns.ts';
import { encode } from './wire.ts';

/** How long a transaction may live, and how long its end is remembered for a repeated commit. */
const LIFETIME_MS = 60_000;
const REMEMBERED_MS = 30 * 60_000;
/** A transaction that finds no free connection is told to come back, so that no circle can close. */
const ADMISSION_MS = 500;

type State = 'open' | 'committed' | 'aborted';

/** What a command inside a transaction may use. */
export interface InTransaction {
  readonly run: Run;
  /** Runs SQL that is no prepared statement, such as a savepoint. */
  readonly sql: (text: string) => Promise<unknown>;
  /** The command's answer tells of a failure, so the transaction ends with it. */
  doom(): void;
}

interface Transaction {
  readonly txnNumber: bigint;
  /** Whoever sent its last statement; when that connection breaks, nobody will come to end it. */
  owner: object;
  state: State;
  doomed: boolean;
  ending: boolean;
  loan: Loan | undefined;
  tail: Promise<unknown>;
  touched: number;
  timer: NodeJS.Timeout | undefined;
}

const OK = encode({ ok: 1 });

/** Every session's latest transaction, each on a PostgreSQL connection of its own. */
export class Transactions {
  readonly #pool: Pool;
  readonly #bySession = new Map<string, Transaction>();
  readonly #turns = new Turns();
  #running = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Runs one command inside the transaction that it names, starting it if it says so. */
  async perform(
    request: Request,
    owner: object,
    work: (transaction: InTransaction) => Promise<Buffer>,
  ): Promise<Buffer> {
    const transaction = request.flag('startTransaction')
      ? this.#start(request, owner)
      : this.#continue(request, owner);
    return this.#inTurn(transaction, async () => {
      if (transaction.state !== 'open') throw noSuchTransaction(transaction.txnNumber);
      try {
        const { client } = await this.#begin(transaction);
        const reply = await work({
          run: runOn(client),
          sql: (text) => client.query(text),
          doom: () => {
            transaction.doomed = true;
          },
        });
        if (transaction.doomed) await this.#rollBack(transaction);
        return reply;
      } catch (error) {
        await this.#rollBack(transaction);
        const told = asTransactionError(toCommandError(error));
        if (told.code === Code.WriteConflict && this.#running > 0) await this.#turns.wait();
        throw told;
      }
    });
  }

  #start(request: Request, owner: object): Transaction {
    const { session = '', txnNumber = 0n } = request;
    const before = this.#bySession.get(session);
    if (before !== undefined && before.txnNumber >= txnNumber) {
      throw new CommandError(
        Code.TransactionTooOld,
        `Cannot start transaction ${txnNumber}: transaction ${before.txnNumber} has already started`,
      );
    }
    if (before !== undefined) void this.#inTurn(before, () => this.#rollBack(before));
    const transaction: Transaction = {
      ...{ txnNumber, owner, state: 'open', doomed: false, ending: false, loan: undefined },
      ...{ tail: Promise.resolve(), touched: Date.now() },
      timer: undefined,
    };
    transaction.timer = setTimeout(
      () => void this.#inTurn(transaction, () => this.#rollBack(transaction)),
      LIFETIME_MS,
    ).unref();
    this.#bySession.set(session, transaction);
    return transaction;
  }

  #continue(request: Request, owner: object): Transaction {
    const transaction = this.#bySession.get(request.session ?? '');
    if (transaction === undefined || transaction.txnNumber !== request.txnNumber) {
      throw noSuchTransaction(request.txnNumber);
    }
    if (transaction.state === 'committed') {
      throw new CommandError(
        Code.TransactionCommitted,
        `Transaction ${transaction.txnNumber} has been committed`,
      );
    }
    transaction.owner = owner;
    transaction.touched = Date.now();
    return transaction;
  }

  async #begin(transaction: Transaction): Promise<Loan> {
    if (transaction.loan !== undefined) return transaction.loan;
    const loan = await this.#pool.take(ADMISSION_MS);
    if (loan === undefined) throw writeConflict();
    transaction.loan = loan;
    this.#running++;
    await loan.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    return loan;
  }

  /** Commits; a repeated commit of the same transaction gets the same answer. */
  async commit(request: Request, owner: object): Promise<Buffer> {
    const transaction = this.#named(request);
    transaction.owner = owner;
    transaction.ending = true;
    return this.#inTurn(transaction, async () => {
      if (transaction.state === 'committed') return OK;
      if (transaction.state === 'aborted') throw noSuchTransaction(request.txnNumber);
      try {
        // PostgreSQL answers ROLLBACK to the COMMIT of a transaction that had failed
        const tag = (await transaction.loan?.client.query('COMMIT'))?.command ?? 'COMMIT';
        this.#end(transaction, tag === 'COMMIT' ? 'committed' : 'aborted');
        if (tag !== 'COMMIT') throw noSuchTransaction(request.txnNumber);
        return OK;
      } catch (error) {
        this.#end(transaction, transaction.state === 'open' ? 'aborted' : transaction.state);
        throw asCommitError(toCommandError(error));
      }
    });
  }

  async abort(request: Request): Promise<Buffer> {
    const transaction = this.#named(request);
    transaction.ending = true;
    return this.#inTurn(transaction, async () => {
      if (transaction.state !== 'open') throw noSuchTransaction(request.txnNumber);
      await this.#rollBack(transaction);
      return OK;
    });
  }

  /** A connection broke: whatever transaction it spoke for last is given up, and its locks freed. */
  ownerLeft(owner: object): void {
    for (const transaction of this.#bySession.values()) {
      if (transaction.owner !== owner || transaction.ending || transaction.state !== 'open')
        continue;
      void this.#inTurn(transaction, () => this.#rollBack(transaction));
    }
  }

  endSession(session: string): void {
    const transaction = this.#bySession.get(session);
    if (transaction === undefined) return;
    this.#bySession.delete(session);
    void this.#inTurn(transaction, () => this.#rollBack(transaction));
  }

  /** Forgets sessions that nobody has used for half an hour. */
  forgetOld(): void {
    const limit = Date.now() - REMEMBERED_MS;
    for (const [session, { touched, state }] of this.#bySession) {
      if (touched < limit && state !== 'open') this.#bySession.delete(session);
    }
  }

  #named(request: Request): Transaction {
    const transaction = this.#bySession.get(request.session ?? '');
    if (transaction?.txnNumber !== request.txnNumber || transaction === undefined) {
      throw noSuchTransaction(request.txnNumber);
    }
    transaction.touched = Date.now();
    return transaction;
  }

  /** One statement after the other, however many the client sends at once. */
  #inTurn<T>(transaction: Transaction, work: () => Promise<T>): Promise<T> {
    const turn = transaction.tail.then(work);
    transaction.tail = turn.catch(() => undefined);
    return turn;
  }

  async #rollBack(transaction: Transaction): Promise<void> {
    if (transaction.state !== 'open') return;
    await transaction.loan?.client.query('ROLLBACK').catch(() => undefined);
    this.#end(transaction, 'aborted');
  }

  #end(transaction: Transaction, state: State): void {
    clearTimeout(transaction.timer);
    transaction.state = state;
    if (transaction.loan === undefined) return;
    this.#running--;
    transaction.loan.giveBack();
    transaction.loan = undefined;
    if (state === 'committed' || transaction.ending) this.#turns.next();
  }
}
