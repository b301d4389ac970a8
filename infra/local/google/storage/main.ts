import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fakeServiceAccount } from '../service-account.ts';
import { Announcer } from './announcer.ts';
import { route } from './routes.ts';
import { Sessions } from './sessions.ts';
import { Store, writeJson } from './store.ts';

/** The storage process: `main.ts <data folder>`. It tells its parent where it listens. */
const [, , dataDir = ''] = process.argv;
const portFile = join(dataDir, 'port.json');

const { email, publicKeyPem } = await fakeServiceAccount(join(dataDir, 'credentials'));
const store = new Store(dataDir);
const announcer = new Announcer(store, join(dataDir, 'announcements'), () => origin);
const parts = { store, sessions: new Sessions(store), announcer, signer: { email, publicKeyPem } };
const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) =>
  route(parts, request, response),
);
const origin = `http://127.0.0.1:${await listen()}`;
announcer.resume();
process.send?.({ origin });

/** The port of the last run if it is still free, so that addresses kept elsewhere stay good. */
async function listen(): Promise<number> {
  const port = (await listenOn(lastPort())) ?? (await listenOn(0));
  if (port === undefined) throw new Error('The local storage found no port to listen on.');
  writeJson(portFile, port);
  return port;
}

function lastPort(): number {
  try {
    return Number(JSON.parse(readFileSync(portFile, 'utf8')));
  } catch {
    return 0;
  }
}

function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : undefined);
    });
  });
}

// Everything that matters is on disk at every moment, so ending is only letting go.
const end = () => process.exit(0);
process.once('SIGTERM', end);
process.once('disconnect', end);
