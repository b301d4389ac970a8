import type { Request, Response } from '@google-cloud/functions-framework';
import { z } from 'zod';
import { type Access, type Actor, type Authenticate, authorize, needsActor } from './access.ts';
import { answerOnce } from './answer-once.ts';
import { clock } from './clock.ts';
import { config } from './config.ts';
import { type AnyEndpoint, DEFAULT_MAX_BODY_BYTES } from './endpoint.ts';
import { problemFor } from './failure.ts';
import {
  checkSize,
  clientAddress,
  type IncomingRequest,
  mediaType,
  parseJson,
  parseQuery,
  pathSegments,
  sendJson,
  sendProblem,
  traceIds,
} from './http.ts';
import type { Answer } from './idempotency.ts';
import { inTurn } from './in-turn.ts';
import { inCall, log } from './log.ts';
import {
  INVALID_ID,
  InvalidId,
  MethodNotAllowed,
  NoToken,
  NotFound,
  ValidationFailed,
} from './problem.ts';
import { limitRate } from './rate-limit.ts';
import { matchRoute, parseRoute } from './route.ts';

export interface NamedEndpoint {
  readonly name: string;
  readonly definition: AnyEndpoint;
}

export interface Ports {
  readonly authenticate: Authenticate;
}

/**
 * The HTTP handler of one endpoint, or of several that share a path pattern and differ by method.
 * This is the whole way of a request, in order.
 */
export function serveEndpoints(endpoints: readonly NamedEndpoint[], ports: Ports) {
  const routes = endpoints.map((one) => ({ ...one, route: parseRoute(one.definition.path) }));

  return async (req: Request, res: Response): Promise<void> => {
    const began = performance.now();
    const { requestId, trace, span } = traceIds(req);
    res.setHeader('X-Request-Id', requestId);
    let name = endpoints[0]?.name ?? 'unknown';
    let actor: Actor | undefined;
    const call = { requestId, trace, span, function: name };
    await inCall(call, async () => {
      try {
        allowOrigin(req, res);
        if (req.method === 'OPTIONS') return answerPreflight(endpoints, res);
        const found = find(routes, req);
        name = found.name;
        const answer = await answerTo(found, req, ports, requestId, res, (who) => {
          actor = who;
        });
        sendJson(res, answer.status, answer.body, found.definition.cache);
      } catch (error) {
        const problem = problemFor(error);
        if (problem.status >= 500) log.error('request failed', { error });
        sendProblem(res, problem, requestId);
      }
      log.info('request', {
        function: name,
        actor: actor?.id.toHexString(),
        httpRequest: {
          requestMethod: req.method,
          status: res.statusCode,
          latency: `${((performance.now() - began) / 1000).toFixed(4)}s`,
        },
      });
    });
  };
}

type Routed = NamedEndpoint & { readonly route: ReturnType<typeof parseRoute> };
type Found = NamedEndpoint & { readonly params: Record<string, string> };

const methodOf = (req: Request): string => (req.method === 'HEAD' ? 'GET' : req.method);

function find(routes: readonly Routed[], req: Request): Found {
  const path = pathSegments(req);
  const matching = routes.flatMap(({ name, definition, route }) => {
    const params = matchRoute(route, path);
    return params ? [{ name, definition, params }] : [];
  });
  if (matching.length === 0) throw new NotFound();
  const found = matching.find(({ definition }) => definition.method === methodOf(req));
  if (!found) throw new MethodNotAllowed({ allow: allowed(matching) });
  return found;
}

const allowed = (endpoints: readonly NamedEndpoint[]): string[] => [
  ...new Set(
    endpoints.flatMap(({ definition: { method } }) =>
      method === 'GET' ? ['GET', 'HEAD'] : [method],
    ),
  ),
  'OPTIONS',
];

/** Browsers are let in by name; native apps send no Origin and pass. */
function allowOrigin(req: Request, res: Response): void {
  const origin = req.headers.origin;
  res.setHeader('Vary', 'Origin');
  if (origin && config().CORS_ORIGINS.includes(origin)) {
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader(
      'Access-Control-Expose-Headers',
      'X-Request-Id, Retry-After, Idempotency-Key-Derived',
    );
  }
}

function answerPreflight(endpoints: readonly NamedEndpoint[], res: Response): void {
  res.setHeader('Access-Control-Allow-Methods', allowed(endpoints).join(', '));
  res.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key');
  res.setHeader('Access-Control-Max-Age', '7200');
  res.statusCode = 204;
  res.end();
}

async function answerTo(
  { name, definition, params }: Found,
  req: IncomingRequest,
  { authenticate }: Ports,
  requestId: string,
  res: Response,
  knowActor: (actor: Actor) => void,
): Promise<Answer> {
  const now = clock.now();
  const { access, rateLimit, upload } = definition;
  const address = clientAddress(req);

  const multipart = upload !== undefined && mediaType(req) === 'multipart/form-data';
  checkSize(req, multipart ? upload.maxBytes + 64 * 1024 : maxBody(definition));
  if (rateLimit.by === 'address') await limitRate(name, rateLimit, { address }, now);
  if (definition.database !== false) await (await import('./database.ts')).connect();

  const actor = await whoCalls(access, req, authenticate, now);
  if (actor) knowActor(actor);
  if (rateLimit.by === 'actor')
    await limitRate(
      name,
      rateLimit,
      { address, ...(actor && { actor: actor.id.toHexString() }) },
      now,
    );
  authorize(access, actor, definition.restrictedBy, now);

  const form = multipart
    ? await (await import('./multipart.ts')).parseMultipart(req, upload)
    : undefined;
  const sent = access === 'signed' ? undefined : (form?.fields ?? bodyOf(req));
  const input = {
    params: understand(definition.params, params, 'path'),
    query: understand(definition.query, parseQuery(req), 'query'),
    body: access === 'signed' ? {} : understand(definition.body, sent, 'body'),
  };
  const request = {
    id: requestId,
    address,
    userAgent: String(req.headers['user-agent'] ?? '').slice(0, 300),
    rawBody: req.rawBody ?? Buffer.alloc(0),
    header: (header: string) => req.get(header),
  };
  const call = { ...input, file: form?.file, actor, now, log, request };
  const occasion = { req, res, actor, input, file: form?.file, now, call };
  const answer = () => answerOnce(name, definition, occasion);
  // Before any transaction: one that waited for its turn would hold an outdated snapshot.
  return definition.inTurn && actor ? inTurn(`actor:${actor.id.toHexString()}`, answer) : answer();
}

const maxBody = ({ maxBodyBytes, method }: AnyEndpoint): number =>
  method === 'GET' ? 0 : (maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);

const bodyOf = (req: IncomingRequest): unknown => (methodOf(req) === 'GET' ? {} : parseJson(req));

async function whoCalls(
  access: Access,
  req: Request,
  authenticate: Authenticate,
  now: Date,
): Promise<Actor | undefined> {
  if (!needsActor(access) && access !== 'optional') return undefined;
  const bearer = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (bearer) return authenticate(bearer, now);
  if (needsActor(access)) throw new NoToken();
  return undefined;
}

const NOTHING = z.strictObject({});
const strictShapes = new WeakMap<z.ZodType, z.ZodType>();

/** Made once for each shape, because zod compiles every schema anew that it has not seen. */
function strictly(shape: z.ZodType): z.ZodType {
  const known = strictShapes.get(shape);
  if (known) return known;
  const strict = shape instanceof z.ZodObject ? shape.strict() : shape;
  strictShapes.set(shape, strict);
  return strict;
}

/** Parses one part of the input strictly: what was not asked for is refused. */
function understand(shape: z.ZodType | undefined, given: unknown, where: string): unknown {
  const parsed = strictly(shape ?? NOTHING).safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 20);
  const malformedId = issues.find(({ message }) => message === INVALID_ID);
  if (malformedId) throw new InvalidId({ field: malformedId.path.join('.').slice(0, 100) });
  const field = issues[0]?.path.join('.').slice(0, 100);
  throw new ValidationFailed({
    ...(field && { field }),
    details: issues.map(({ path, message }) =>
      `${path.join('.') || where}: ${message}`.slice(0, 200),
    ),
  });
}
