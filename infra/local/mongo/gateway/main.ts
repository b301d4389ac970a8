import type { AddressInfo, Socket } from 'node:net';
import type { Engine } from './call.ts';
import { Cursors } from './cursors.ts';
import { Pool } from './pool.ts';
import { RetryableWrites } from './retryable-writes.ts';
import { serve } from './server.ts';
import { Transactions } from './transactions.ts';

/** How the gateway is started, as JSON in its only argument. */
export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly replicaSet: string;
  /** Where it listens; 0 for any free port. */
  readonly listen: number;
}

const TTL_EVERY_MS = 2_000;
const TIDY_EVERY_MS = 30_000;

const options = JSON.parse(process.argv[2] ?? '{}') as GatewayOptions;
const settings = {
  'documentdb.useFileBasedPersistedCursors': 'on', // so that any connection can read a cursor on
  'documentdb_core.enableCollation': 'on',
  'documentdb.defaultCursorExpiryTimeLimitSeconds': '600',
};
const database = { host: options.host, port: options.port };
const pool = new Pool({
  ...database,
  size: 6,
  limit: 32,
  settings: { ...settings, lock_timeout: '500ms' }, // and then again, from here
});
const transactionPool = new Pool({
  ...database,
  size: 6,
  limit: 32,
  settings: { ...settings, lock_timeout: '20ms' },
});

/** For whoever says to be the auditor: nothing can be written here, whatever is sent. */
const readingPool = new Pool({
  ...database,
  size: 2,
  limit: 8,
  settings: { ...settings, lock_timeout: '500ms', default_transaction_read_only: 'on' },
});

let lastChange: Promise<unknown> = Promise.resolve();
const alone = <T>(work: () => Promise<T>): Promise<T> => {
  const turn = lastChange.then(work);
  lastChange = turn.catch(() => undefined);
  return turn;
};

const sockets = new Set<Socket>();
const transactions = new Transactions(transactionPool);
const cursors = new Cursors(pool);
const engine = {
  ...{ pool, cursors, transactions, alone, replicaSet: options.replicaSet },
  retryableWrites: new RetryableWrites(),
  address: '',
};
const reader: Engine = {
  ...engine,
  pool: readingPool,
  cursors: new Cursors(readingPool),
  transactions: new Transactions(readingPool),
};
const server = serve(engine satisfies Engine, reader, sockets);

server.listen(options.listen, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  for (const each of [engine, reader]) each.address = `127.0.0.1:${port}`;
  process.send?.({ port });
});

let expiring = false;
setInterval(() => {
  if (expiring) return;
  expiring = true;
  pool
    .lend((client) => client.query('CALL documentdb_api_internal.delete_expired_rows()'))
    .catch(() => undefined)
    .finally(() => {
      expiring = false;
    });
}, TTL_EVERY_MS).unref();

setInterval(() => {
  for (const each of [engine, reader]) {
    each.transactions.forgetOld();
    each.cursors.closeIdle().catch(() => undefined);
  }
}, TIDY_EVERY_MS).unref();

async function stop(): Promise<void> {
  server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.allSettled([pool, transactionPool, readingPool].map((each) => each.close()));
  process.exit(0);
}

process.on('disconnect', () => void stop()); // whoever started us is gone, or wants us to go
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => undefined); // Ctrl-C goes to the whole group; our parent decides
process.on('unhandledRejection', (error) => console.error('unhandled', error));
