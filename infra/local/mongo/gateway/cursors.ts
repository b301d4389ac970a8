import { Long } from 'bson';
import { Code, CommandError } from './errors.ts';
import type { Pool, Row, Run, Statement } from './pool.ts';
import type { Request } from './request.ts';
import { SQL } from './statements.ts';
import { encode } from './wire.ts';

/** MongoDB closes a cursor that nobody has asked for this long. */
export const CURSOR_IDLE_MS = 10 * 60_000;

interface Cursor {
  readonly namespace: string;
  continuation: Buffer;
  touched: number;
}

/** Open cursors. The engine keeps their results in files, so any connection can read on. */
export class Cursors {
  readonly #pool: Pool;
  readonly #open = new Map<bigint, Cursor>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Runs a command that answers with a first page, and remembers how to read on. */
  async open(run: Run, statement: Statement, request: Request): Promise<Buffer> {
    const [page] = await run(statement, [request.database, request.body]);
    const continuation = page?.['continuation'];
    if (Buffer.isBuffer(continuation)) {
      this.#open.set(BigInt(String(page?.['cursorid'])), {
        namespace: request.namespace,
        continuation,
        touched: Date.now(),
      });
    }
    return pageOf(page);
  }

  async getMore(run: Run, request: Request): Promise<Buffer> {
    const id = request.long(request.name) ?? 0n;
    const cursor = this.#open.get(id);
    if (cursor === undefined) {
      throw new CommandError(Code.CursorNotFound, `cursor id ${id} not found`);
    }
    const [page] = await run(SQL.getMore, [request.database, request.body, cursor.continuation]);
    const continuation = page?.['continuation'];
    if (Buffer.isBuffer(continuation)) {
      cursor.continuation = continuation;
      cursor.touched = Date.now();
    } else {
      this.#open.delete(id);
    }
    return pageOf(page);
  }

  async kill(request: Request): Promise<Buffer> {
    const wanted = Object.values(request.document('cursors') ?? {}).map((id) =>
      id instanceof Long ? id.toBigInt() : BigInt(Number(id)),
    );
    const found = wanted.filter((id) => this.#open.delete(id));
    if (found.length > 0) await this.#discard(found);
    return encode({
      cursorsKilled: found,
      cursorsNotFound: wanted.filter((id) => !found.includes(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    });
  }

  /** Closes what nobody has read from for ten minutes. */
  async closeIdle(): Promise<void> {
    const limit = Date.now() - CURSOR_IDLE_MS;
    const idle = [...this.#open].filter(([, { touched }]) => touched < limit).map(([id]) => id);
    for (const id of idle) this.#open.delete(id);
    if (idle.length > 0) await this.#discard(idle);
  }

  async #discard(ids: readonly bigint[]): Promise<void> {
    await this.#pool.run(SQL.deleteCursors, [`{${ids.join(',')}}`]);
  }
}

const pageOf = (row: Row | undefined): Buffer => row?.['cursorpage'] as Buffer;
