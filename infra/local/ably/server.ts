import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { runChild } from '#local/stand-in.ts';
import { Channels } from './channels.ts';
import { Connection, type House } from './connection.ts';
import { answer, type Reply } from './rest.ts';
import { Sessions } from './sessions.ts';
import { type Grant, Tokens } from './tokens.ts';
import { Action, decode, encode, type Format, Refusal } from './wire.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_FRAME_BYTES = 1024 * 1024;
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
  'access-control-allow-headers': '*,authorization',
  'access-control-expose-headers': 'link,x-ably-errorcode,x-ably-errormessage',
};

runChild(async ({ key = '' }) => {
  const house: House = {
    tokens: new Tokens(key),
    channels: new Channels(),
    sessions: new Sessions(),
  };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const server = createServer((request, response) => void serve(request, response, house));
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => welcome(opened, request, house)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ready: { port },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
});

function welcome(socket: WebSocket, request: IncomingMessage, house: House): void {
  socket.on('error', () => socket.terminate()); // A broken frame ends its own socket and nothing else.
  const { searchParams } = new URL(request.url ?? '/', 'http://local');
  const format: Format = searchParams.get('format') === 'msgpack' ? 'msgpack' : 'json';
  try {
    const grant = identify(searchParams, house);
    const resume = searchParams.get('resume') ?? undefined;
    const { session, lost } = house.sessions.take(resume, grant.clientId);
    const terms = {
      format,
      echo: searchParams.get('echo') !== 'false',
      heartbeats: searchParams.get('heartbeats') !== 'false',
    };
    const connection = new Connection(socket, house, terms, grant, session);
    house.sessions.opened(connection);
    connection.welcome(
      lost ? new Refusal(80018, 400, 'Unable to resume the connection') : undefined,
    );
  } catch (reason) {
    const error = asRefusal(reason);
    socket.send(encode({ action: Action.error, error }, format));
    socket.close();
  }
}

function identify(query: URLSearchParams, { tokens }: House): Grant {
  const claimed = query.get('clientId') ?? undefined;
  const key = query.get('key');
  if (key) return tokens.byKey(key, claimed);
  const grant = tokens.byToken(query.get('access_token') ?? query.get('accessToken') ?? '');
  if (!claimed || claimed === '*' || claimed === grant.clientId) return grant;
  if (grant.clientId === '*') return { ...grant, clientId: claimed };
  throw new Refusal(40102, 401, 'The clientId is not that of the token');
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  house: House,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  const accept = request.headers.accept ?? '';
  const format: Format = accept.includes('x-msgpack') ? 'msgpack' : 'json';
  if (request.method === 'OPTIONS') {
    response.writeHead(204, CORS).end();
    return;
  }
  let reply: Reply;
  try {
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent).filter(Boolean);
    const body = await read(request);
    const method = request.method ?? 'GET';
    reply = answer({ method, path, query: url.searchParams, request, body }, house);
  } catch (reason) {
    const error = asRefusal(reason);
    reply = {
      status: error.statusCode,
      body: { error },
      headers: { 'x-ably-errorcode': String(error.code), 'x-ably-errormessage': error.message },
    };
  }
  const enveloped = url.searchParams.has('envelope');
  const { status, headers = {}, body } = reply;
  const shown = enveloped ? { statusCode: status, response: body, headers } : body;
  response.writeHead(enveloped ? 200 : status, {
    ...CORS,
    ...headers,
    'content-type': format === 'json' ? 'application/json' : 'application/x-msgpack',
  });
  response.end(encode(shown ?? null, format));
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(40009, 413, 'Request body too large');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = request.headers['content-type'] ?? '';
  try {
    return decode(Buffer.concat(chunks), type.includes('x-msgpack') ? 'msgpack' : 'json');
  } catch {
    throw new Refusal(40000, 400, 'Invalid request body');
  }
}

function asRefusal(reason: unknown): Refusal {
  if (reason instanceof Refusal) return reason;
  if (reason instanceof URIError) return new Refusal(40000, 400, 'Invalid path');
  console.error(reason);
  return new Refusal(50000, 500, 'Internal error');
}
