import { Code, CommandError } from './errors.ts';
import type { Request } from './request.ts';

/** More sessions than drivers keep; the ones that were used longest ago are forgotten. */
const REMEMBERED_SESSIONS = 10_000;

interface LastWrite {
  readonly txnNumber: bigint;
  readonly reply: Promise<Buffer>;
}

/**
 * Drivers send a write again, under the same number, when its answer was lost. The last answer of
 * every session is kept, so that the second sending has no second effect.
 */
export class RetryableWrites {
  readonly #last = new Map<string, LastWrite>();

  /** Runs the write, or returns the answer that it already had. */
  perform(request: Request, work: () => Promise<Buffer>): Promise<Buffer> {
    const { session, txnNumber } = request;
    if (session === undefined || txnNumber === undefined) return work();
    const last = this.#last.get(session);
    if (last?.txnNumber === txnNumber) return last.reply;
    if (last !== undefined && last.txnNumber > txnNumber) {
      throw new CommandError(
        Code.TransactionTooOld,
        `Retryable write ${txnNumber} is older than ${last.txnNumber}, the last one of its session`,
      );
    }
    const entry = { txnNumber, reply: work() };
    entry.reply.catch(() => {
      // a failed command had no effect, so a second sending is a new attempt
      if (this.#last.get(session) === entry) this.#last.delete(session);
    });
    this.#last.delete(session); // so that it moves to the end, away from being forgotten
    this.#last.set(session, entry);
    if (this.#last.size > REMEMBERED_SESSIONS) {
      const [oldest = ''] = this.#last.keys();
      this.#last.delete(oldest);
    }
    return entry.reply;
  }

  endSession(session: string): void {
    this.#last.delete(session);
  }
}
