import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Announcer } from './announcer.ts';
import { jsonApi } from './json-api.ts';
import type { Call } from './media.ts';
import { readJsonBody } from './receive.ts';
import { badRequest, noSuchObject, Refusal, sendJson, sendRefusal } from './refusal.ts';
import type { Sessions } from './sessions.ts';
import type { Signer } from './signature.ts';
import type { Store } from './store.ts';
import { continueSession, insertObject } from './upload-api.ts';
import { xmlApi } from './xml-api.ts';

export interface Parts {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly announcer: Announcer;
  readonly signer: Signer;
}

/** Answers one request. Nothing thrown leaves it. */
export async function route(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', search = ''] = splitOnce(request.url ?? '/', '?');
  const jsonPath = /^(?:\/(?:upload|download))?\/(?:storage\/v1\/)?b(?:\/|$)/.test(path);
  const dialect = jsonPath || path.startsWith('/_local/') ? 'json' : 'xml';
  try {
    const call: Call = {
      request,
      response,
      path,
      query: new URLSearchParams(search),
      origin: `http://${request.headers.host ?? '127.0.0.1'}`,
    };
    if (dialect === 'xml' || path.startsWith('/upload/')) allowOrigin(call);
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else if (path === '/')
      sendJson(response, 200, { ok: true, buckets: parts.store.buckets().length });
    else if (path.startsWith('/_local/')) await admin(call, parts);
    else if (jsonPath) await json(call, parts);
    else await xml(call, parts);
  } catch (problem) {
    answerProblem(response, dialect, problem);
  }
}

async function json(call: Call, { store, sessions }: Parts): Promise<void> {
  const { path, query } = call;
  const segments = path
    .replace(/^\/(?:upload|download)(?=\/)/, '')
    .replace(/^\/storage\/v1(?=\/)/, '')
    .split('/')
    .slice(2)
    .map(decoded);
  if (!path.startsWith('/upload/')) return jsonApi(call, store, segments);
  const session = query.get('upload_id');
  if (session !== null) await continueSession(call, sessions, session);
  else await insertObject(call, store, sessions, segments[0] ?? '');
}

async function xml(call: Call, { store, sessions, signer }: Parts): Promise<void> {
  const [bucket = '', name] = splitOnce(call.path.slice(1), '/');
  if (name === undefined || name === '') throw noSuchObject(bucket, '');
  await xmlApi(call, store, sessions, signer, [decoded(bucket), decoded(name)]);
}

/** `PUT /_local/buckets/<bucket>`: what the cloud would know from its infrastructure code. */
async function admin(
  { request, response, path }: Call,
  { store, announcer }: Parts,
): Promise<void> {
  const bucket = /^\/_local\/buckets\/([^/]+)$/.exec(path)?.[1];
  if (bucket === undefined || request.method !== 'PUT') throw badRequest('Unknown local route.');
  const body = await readJsonBody(request);
  const sinks = body['sinks'] as readonly { readonly url?: unknown }[] | undefined;
  if (
    sinks !== undefined &&
    !(Array.isArray(sinks) && sinks.every(({ url }) => URL.canParse(`${url}`)))
  ) {
    throw badRequest('sinks must be a list of { url }.');
  }
  const events = body['notifyEvents'];
  const saved = store.saveBucket(decoded(bucket), {
    ...(typeof body['public'] === 'boolean' ? { public: body['public'] } : {}),
    ...(sinks === undefined ? {} : { sinks: sinks.map(({ url }) => ({ url: `${url}` })) }),
    ...(Array.isArray(events)
      ? { notifyEvents: events.filter((event) => event === 'finalized') }
      : {}),
  });
  announcer.hurry();
  sendJson(response, 200, saved);
}

function allowOrigin({ request, response }: Call): void {
  const origin = request.headers.origin;
  response.setHeader('access-control-allow-origin', origin ?? '*');
  response.setHeader('vary', 'Origin');
  response.setHeader(
    'access-control-expose-headers',
    'Content-Length, Content-Range, Content-Type, ETag, Location, Range, X-Goog-Generation, X-Goog-Hash, X-GUploader-UploadID',
  );
  if (request.method !== 'OPTIONS') return;
  const asked = request.headers['access-control-request-headers'];
  response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
  response.setHeader('access-control-allow-headers', asked ?? '*');
  response.setHeader('access-control-max-age', '3600');
}

function answerProblem(response: ServerResponse, dialect: 'json' | 'xml', problem: unknown): void {
  const known = problem instanceof Refusal;
  if (!known && !response.destroyed && response.req.complete) console.error(problem);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const unknown = new Refusal(500, 'InternalError', 'backendError', 'The local storage failed.');
  const { req: request } = response;
  sendRefusal(response, dialect, known ? problem : unknown);
  if (request.complete) return;
  // A sender hears the answer only if its bytes are taken meanwhile, but not for ever.
  request.resume();
  const patience = setTimeout(() => request.socket.destroy(), 10_000);
  request.once('close', () => clearTimeout(patience));
}

function splitOnce(text: string, mark: string): readonly [string, string | undefined] {
  const cut = text.indexOf(mark);
  return cut < 0 ? [text, undefined] : [text.slice(0, cut), text.slice(cut + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('Malformed percent-encoding.', 'InvalidURI');
  }
}
