import { setTimeout as delay } from 'node:timers/promises';
import { Client, type QueryConfig, type QueryResult } from 'pg';

/** One prepared statement; its name is the key under which the server keeps the plan. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Row = Record<string, unknown>;
export type Value = string | number | boolean | Buffer | null;

/** Runs a prepared statement somewhere and returns its rows. */
export type Run = (statement: Statement, values: readonly Value[]) => Promise<Row[]>;

export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  /** How many connections work at once while none of them is stuck. */
  readonly size: number;
  /** The most there may ever be, when statements wait for locks. */
  readonly limit: number;
  readonly settings: Readonly<Record<string, string>>;
}

const STUCK_AFTER_MS = 150;
const RECOVERY_MS = 5_000;

interface Member {
  readonly client: Client;
  since: number;
  broken: boolean;
}

interface Waiter {
  readonly resolve: (member: Member) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Connections to PostgreSQL. Few of them work at once, because the engine shares the processors
 * with its clients; statements that wait for a lock for long do not count, so that whoever holds
 * the lock can always get on.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Member[] = [];
  readonly #busy = new Set<Member>();
  readonly #waiting: Waiter[] = [];
  #opening = 0;
  #closed = false;
  readonly #relief: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#relief = setInterval(() => this.#grow(), 50).unref();
  }

  readonly run: Run = async (statement, values) => {
    const member = await this.#acquire();
    try {
      return (await member.client.query(query(statement, values))).rows as Row[];
    } finally {
      this.#release(member);
    }
  };

  /** Lends a connection for several statements; what `work` leaves open is the caller's matter. */
  async lend<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const member = await this.#acquire();
    try {
      return await work(member.client);
    } finally {
      this.#release(member);
    }
  }

  /** Takes a connection until it is given back, or nothing if none is to be had in time. */
  async take(withinMs: number): Promise<Loan | undefined> {
    let late = false;
    const member = this.#acquire();
    const timeout = new Promise<undefined>((resolve) => {
      setTimeout(() => {
        late = true;
        resolve(undefined);
      }, withinMs).unref();
    });
    void member.then(
      (got) => late && this.#release(got),
      () => undefined,
    );
    const got = await Promise.race([member, timeout]);
    return got && { client: got.client, giveBack: () => this.#release(got) };
  }

  #acquire(): Promise<Member> {
    const member = this.#idle.pop();
    if (member !== undefined) return Promise.resolve(this.#lendOut(member));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#grow();
    });
  }

  #lendOut(member: Member): Member {
    member.since = Date.now();
    this.#busy.add(member);
    return member;
  }

  #release(member: Member): void {
    this.#busy.delete(member);
    if (member.broken || this.#closed) {
      void member.client.end().catch(() => undefined);
      this.#grow();
      return;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) next.resolve(this.#lendOut(member));
    else this.#idle.push(member);
  }

  #grow(): void {
    if (this.#waiting.length <= this.#opening || this.#closed) return;
    const longAgo = Date.now() - STUCK_AFTER_MS;
    let working = this.#opening;
    for (const { since } of this.#busy) if (since > longAgo) working++;
    const all = this.#busy.size + this.#opening;
    if (working >= this.#options.size || all >= this.#options.limit) return;
    this.#opening++;
    this.#open().then(
      (member) => {
        this.#opening--;
        const next = this.#waiting.shift();
        if (next !== undefined) next.resolve(this.#lendOut(member));
        else this.#idle.push(member);
        this.#grow();
      },
      (error: unknown) => {
        this.#opening--;
        this.#waiting.shift()?.reject(error);
      },
    );
  }

  /** Opens a connection; a server that recovers from a crash is given time to come back. */
  async #open(): Promise<Member> {
    const deadline = Date.now() + RECOVERY_MS;
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (this.#closed || Date.now() > deadline) throw error;
        await delay(50);
      }
    }
  }

  async #connect(): Promise<Member> {
    const { host, port, settings } = this.#options;
    const options = Object.entries(settings)
      .map(([key, value]) => `-c ${key}=${value}`)
      .join(' ');
    const client = new Client({ host, port, user: 'mixillo', database: 'postgres', options });
    const member: Member = { client, since: 0, broken: false };
    const broke = () => {
      member.broken = true;
      const at = this.#idle.indexOf(member);
      if (at >= 0) this.#idle.splice(at, 1);
    };
    client.on('error', broke);
    client.on('end', broke);
    await client.connect();
    return member;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#relief);
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection is closed'));
    await Promise.all(
      this.#idle.splice(0).map(({ client }) => client.end().catch(() => undefined)),
    );
  }
}

/** A connection that its holder keeps over several requests. */
export interface Loan {
  readonly client: Client;
  giveBack(): void;
}

/** How `pg` takes a prepared statement. */
export const query = (statement: Statement, values: readonly Value[]): QueryConfig => ({
  name: statement.name,
  text: statement.text,
  values: [...values],
});

/** A `Run` on one particular connection. */
export const runOn =
  (client: Client): Run =>
  async (statement, values) => {
    const result: QueryResult<Row> = await client.query(query(statement, values));
    return result.rows;
  };
