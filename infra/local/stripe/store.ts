import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/** Anything the vendor keeps. */
export interface Thing {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  /** The rest, which callers see and this process does not need. */
  readonly [field: string]: unknown;
}

export type Mode = 'deliver' | 'hold' | 'twice';
export type Outage = 'none' | 'before' | 'after';

/** One secret key, with everything that belongs to it. */
export interface Account {
  readonly key: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly mode: Mode;
  /** Whether calls fail, before or after they did what they were asked. */
  readonly outage: Outage;
}

export interface Delivery {
  readonly number: number;
  readonly account: string;
  readonly eventId: string;
  readonly body: string;
  readonly attempts: number;
  readonly state: 'due' | 'held' | 'done' | 'given up';
  readonly lastResult: string;
}

/** Something that happens by itself a little later. */
export interface Task {
  readonly number: number;
  readonly account: string;
  readonly name: string;
  readonly target: string;
}

export interface Answer {
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS accounts (key TEXT PRIMARY KEY, webhookUrl TEXT, webhookSecret TEXT, mode TEXT, outage TEXT);
  CREATE TABLE IF NOT EXISTS things (number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, id TEXT, kind TEXT, body TEXT, UNIQUE (account, id));
  CREATE INDEX IF NOT EXISTS things_by_kind ON things (account, kind, number);
  CREATE TABLE IF NOT EXISTS answers (account TEXT, key TEXT, fingerprint TEXT, status INTEGER, body TEXT, PRIMARY KEY (account, key));
  CREATE TABLE IF NOT EXISTS deliveries (number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, eventId TEXT, body TEXT, attempts INTEGER DEFAULT 0, dueAt INTEGER, state TEXT, lastResult TEXT DEFAULT '');
  CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, dueAt);
  CREATE TABLE IF NOT EXISTS tasks (number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, name TEXT, target TEXT, dueAt INTEGER);
`;

/** Everything on disk. A process that is killed has lost nothing it answered for. */
export class Store {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
  }

  /** Runs work as one: all of it is kept, or none. */
  transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  account(key: string): Account | undefined {
    return this.#rows<Account>('SELECT * FROM accounts WHERE key = ?', key)[0];
  }

  saveAccount({ key, webhookUrl, webhookSecret, mode, outage }: Account): void {
    this.#run(
      'INSERT OR REPLACE INTO accounts (key, webhookUrl, webhookSecret, mode, outage) VALUES (?, ?, ?, ?, ?)',
      key,
      webhookUrl,
      webhookSecret,
      mode,
      outage,
    );
  }

  find(account: string, id: string): Thing | undefined {
    const [row] = this.#rows<{ body: string }>(
      'SELECT body FROM things WHERE account = ? AND id = ?',
      account,
      id,
    );
    return row && JSON.parse(row.body);
  }

  save(account: string, thing: Thing): void {
    this.#run(
      `INSERT INTO things (account, id, kind, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, id) DO UPDATE SET body = excluded.body`,
      account,
      thing.id,
      thing.object,
      JSON.stringify(thing),
    );
  }

  /** Newest first, from the one after or before a given one. */
  list(
    account: string,
    kind: string,
    { where, after, before, limit }: Listing,
  ): { things: Thing[]; hasMore: boolean } {
    const filters = Object.entries(where);
    const anchor = after ?? before;
    const conditions = [
      'account = ? AND kind = ?',
      ...filters.map(() => 'json_extract(body, ?) = ?'),
      ...(anchor
        ? [`number ${after ? '<' : '>'} (SELECT number FROM things WHERE account = ? AND id = ?)`]
        : []),
    ];
    const rows = this.#rows<{ body: string }>(
      `SELECT body FROM things WHERE ${conditions.join(' AND ')} ORDER BY number ${before ? 'ASC' : 'DESC'} LIMIT ?`,
      account,
      kind,
      ...filters.flatMap(([field, value]) => [`$.${field}`, value]),
      ...(anchor ? [account, anchor] : []),
      limit + 1,
    );
    const things = rows.slice(0, limit).map(({ body }) => JSON.parse(body) as Thing);
    return { things: before ? things.reverse() : things, hasMore: rows.length > limit };
  }

  /** What an account has of each currency. */
  balance(account: string): { currency: string; amount: number }[] {
    return this.#rows(
      `SELECT json_extract(body, '$.currency') AS currency, SUM(json_extract(body, '$.net')) AS amount
       FROM things WHERE account = ? AND kind = 'balance_transaction' GROUP BY 1`,
      account,
    );
  }

  answer(account: string, key: string): Answer | undefined {
    return this.#rows<Answer>(
      'SELECT * FROM answers WHERE account = ? AND key = ?',
      account,
      key,
    )[0];
  }

  keepAnswer(account: string, key: string, { fingerprint, status, body }: Answer): void {
    this.#run(
      'INSERT INTO answers VALUES (?, ?, ?, ?, ?)',
      account,
      key,
      fingerprint,
      status,
      body,
    );
  }

  addDelivery(account: string, eventId: string, body: string, held: boolean, now: number): void {
    this.#run(
      'INSERT INTO deliveries (account, eventId, body, dueAt, state) VALUES (?, ?, ?, ?, ?)',
      account,
      eventId,
      body,
      now,
      held ? 'held' : 'due',
    );
  }

  dueDeliveries(now: number): Delivery[] {
    return this.#rows(
      "SELECT * FROM deliveries WHERE state = 'due' AND dueAt <= ? ORDER BY dueAt, number LIMIT 50",
      now,
    );
  }

  deliveries(account: string): Delivery[] {
    return this.#rows('SELECT * FROM deliveries WHERE account = ? ORDER BY number', account);
  }

  postpone(number: number, dueAt: number): void {
    this.#run('UPDATE deliveries SET dueAt = ? WHERE number = ?', dueAt, number);
  }

  noteAttempt(number: number, state: Delivery['state'], dueAt: number, result: string): void {
    this.#run(
      'UPDATE deliveries SET attempts = attempts + 1, state = ?, dueAt = ?, lastResult = ? WHERE number = ?',
      state,
      dueAt,
      result,
      number,
    );
  }

  /** Makes everything that waits, held or backing off, due now. */
  flush(account: string, now: number): number {
    const released = this.#run(
      "UPDATE deliveries SET state = 'due', dueAt = ? WHERE account = ? AND state IN ('held', 'due', 'given up')",
      now,
      account,
    );
    return Number(released.changes);
  }

  addTask(account: string, name: string, target: string, dueAt: number): void {
    this.#run(
      'INSERT INTO tasks (account, name, target, dueAt) VALUES (?, ?, ?, ?)',
      account,
      name,
      target,
      dueAt,
    );
  }

  dueTasks(now: number): Task[] {
    return this.#rows('SELECT * FROM tasks WHERE dueAt <= ? ORDER BY dueAt, number LIMIT 50', now);
  }

  dropTask(number: number): void {
    this.#run('DELETE FROM tasks WHERE number = ?', number);
  }

  /** After a start: calls that were under way when the process ended are made again at once. */
  retryAll(now: number): void {
    this.#run("UPDATE deliveries SET dueAt = ? WHERE state = 'due'", now);
  }

  /** When something is due next. */
  nextDue(): number | undefined {
    const [row] = this.#rows<{ due: number | null }>(
      "SELECT MIN(dueAt) AS due FROM (SELECT dueAt FROM tasks UNION ALL SELECT dueAt FROM deliveries WHERE state = 'due')",
    );
    return row?.due ?? undefined;
  }

  close(): void {
    this.#database.close();
  }

  #run(sql: string, ...values: (string | number)[]) {
    return this.#database.prepare(sql).run(...values);
  }

  #rows<Row>(sql: string, ...values: (string | number)[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[];
  }
}

export interface Listing {
  readonly where: Readonly<Record<string, string>>;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** An id as the vendor makes them: `pi_3…`. */
export const newId = (prefix: string): string =>
  `${prefix}_${randomBytes(18).toString('base64url').replace(/[-_]/g, '0')}`;
