import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runChild } from '#local/stand-in.ts';
import { answer, type Reply } from './api.ts';
import { authenticationPage, control, register } from './controls.ts';
import { API_VERSION, Desk } from './desk.ts';
import { Failure, invalid } from './failure.ts';
import { parseForm } from './form.ts';
import { type Account, Store } from './store.ts';
import { Clockwork } from './webhooks.ts';

const MAX_BODY_BYTES = 1024 * 1024;

interface House {
  readonly store: Store;
  readonly clockwork: Clockwork;
  readonly origin: string;
  /** Whose things are meant by local calls that name no account. */
  readonly defaultKey: string;
}

runChild(async ({ dataDir = '', key = '', webhookSecret = '', webhookUrl = '' }) => {
  const store = new Store(join(dataDir, 'stripe.db'));
  register(store, key, { webhookUrl, webhookSecret });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const clockwork = new Clockwork(store, origin);
  const house: House = { store, clockwork, origin, defaultKey: key };
  server.on('request', (request, response) => void serve(request, response, house));
  store.retryAll(Date.now());
  clockwork.wake();
  return {
    ready: { port },
    close: async () => {
      clockwork.stop();
      server.closeAllConnections();
      server.close();
      store.close();
    },
  };
});

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  house: House,
): Promise<void> {
  const requestId = `req_${randomBytes(8).toString('hex')}`;
  try {
    const body = await read(request);
    const url = new URL(request.url ?? '/', house.origin);
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent).filter(Boolean);
    if (path[0] === '_local') return local(request, response, path.slice(1), body, house);
    if (path[0] !== 'v1') throw new Failure(404, { message: 'Unrecognized request URL' });
    const account = authenticate(request, house);
    if (account.outage === 'before') throw new Failure(503, unavailable);
    const idempotencyKey = [request.headers['idempotency-key']].flat()[0];
    const desk = new Desk(house.store, account, house.origin, {
      id: requestId,
      idempotency_key: idempotencyKey ?? null,
    });
    const form = parseForm(request.method === 'GET' ? url.search.slice(1) : body);
    const method = request.method ?? 'GET';
    const reply = answer(house.store, desk, { method, path: path.slice(1), form, idempotencyKey });
    house.clockwork.wake();
    if (account.outage === 'after') return void request.socket.destroy(); // Done, but the answer is lost.
    send(response, reply, requestId, idempotencyKey);
  } catch (error) {
    send(response, asReply(error), requestId, undefined);
  }
}

const unavailable = { type: 'api_error', message: 'The service is not available.' };

function authenticate(request: IncomingMessage, { store }: House): Account {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  const key = /^basic$/i.test(scheme)
    ? (Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '')
    : value;
  const account = store.account(key);
  if (account) return account;
  const shown = key
    ? `Invalid API Key provided: ${key.slice(0, 8)}****`
    : 'You did not provide an API key.';
  throw new Failure(401, { type: 'invalid_request_error', message: shown });
}

function local(
  request: IncomingMessage,
  response: ServerResponse,
  path: readonly string[],
  body: string,
  house: House,
): void {
  const { store } = house;
  const method = request.method ?? 'GET';
  if (method === 'GET' && path[2] === 'authenticate') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(authenticationPage);
    return;
  }
  const isForm = (request.headers['content-type'] ?? '').includes('form-urlencoded');
  const wish = isForm ? Object.fromEntries(new URLSearchParams(body)) : parseJson(body);
  if (method === 'PUT' && path[0] === 'accounts') {
    const { webhookUrl } = register(store, path[1] ?? '', wish);
    return send(response, { status: 200, body: JSON.stringify({ webhookUrl }) });
  }
  const account = request.headers.authorization
    ? authenticate(request, house)
    : (store.account(house.defaultKey) ?? authenticate(request, house));
  const result = store.transaction(() =>
    control(new Desk(store, account, house.origin), method, path, wish),
  );
  house.clockwork.wake();
  send(response, { status: 200, body: JSON.stringify(result, null, 2) });
}

function parseJson(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('The body is not JSON');
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Failure(413, { message: 'Request too large' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function asReply(error: unknown): Reply {
  if (error instanceof Failure)
    return { status: error.status, body: JSON.stringify({ error: error.fields }, null, 2) };
  console.error(error);
  const fields = { type: 'api_error', message: 'Something went wrong on our end.' };
  return { status: 500, body: JSON.stringify({ error: fields }) };
}

function send(
  response: ServerResponse,
  { status, body, replayed }: Reply,
  requestId = `req_${randomBytes(8).toString('hex')}`,
  idempotencyKey?: string,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': API_VERSION,
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  });
  response.end(body);
}
