import { randomBytes } from 'node:crypto';
import type { Request, Response } from '@google-cloud/functions-framework';
import { config } from './config.ts';
import {
  MalformedJson,
  MalformedRequest,
  Problem,
  TooLarge,
  UnsupportedMediaType,
} from './problem.ts';

/** A request as our front hands it on: the body read and bounded, but not yet understood. */
export type IncomingRequest = Request & { rawBody?: Buffer };

/** The caller's address: the entry that our outermost proxy appended, never one the caller wrote. */
export function clientAddress(req: Request): string {
  const hops = config().TRUSTED_PROXY_HOPS;
  const forwarded = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  const vouched = hops > 0 ? forwarded.at(-hops) : undefined;
  return (vouched ?? req.socket.remoteAddress ?? 'unknown').slice(0, 64);
}

export interface TraceIds {
  readonly requestId: string;
  readonly trace: string;
  readonly span: string;
}

/** The trace this request belongs to, or a new one. */
export function traceIds(req: Request): TraceIds {
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(
    String(req.headers['traceparent'] ?? ''),
  );
  const google = /^([0-9a-f]{32})(?:\/(\d{1,20}))?/.exec(
    String(req.headers['x-cloud-trace-context'] ?? ''),
  );
  const trace = parent?.[1] ?? google?.[1] ?? randomBytes(16).toString('hex');
  const googleSpan = google?.[2] && BigInt(google[2]).toString(16).padStart(16, '0').slice(-16);
  const span = parent?.[2] ?? (googleSpan || randomBytes(8).toString('hex'));
  return { requestId: randomBytes(12).toString('hex'), trace, span };
}

/** Refuses a body above the limit, by what was announced and by what came. */
export function checkSize(req: IncomingRequest, limitBytes: number): void {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > limitBytes || (req.rawBody?.length ?? 0) > limitBytes)
    throw new TooLarge({
      limitBytes,
      details: [
        `The limit is ${limitBytes} bytes; large media goes through POST /api/media/uploads`,
      ],
    });
}

export const mediaType = (req: Request): string =>
  String(req.headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase() ?? '';

/** The JSON of a body; nothing sent is an empty object. */
export function parseJson(req: IncomingRequest): unknown {
  const raw = req.rawBody;
  if (!raw || raw.length === 0) return {};
  const type = mediaType(req);
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new UnsupportedMediaType({ details: ['Send application/json'] });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch (cause) {
    throw new MalformedJson({ cause });
  }
}

/** The flat query of a request; a name given twice keeps both, which no single value accepts. */
export function parseQuery(req: Request): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  const start = req.url.indexOf('?');
  if (start === -1) return query;
  for (const [name, value] of new URLSearchParams(req.url.slice(start))) {
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
}

/** The path without the query, decoded segment by segment. Throws when it is not valid UTF-8. */
export function pathSegments(req: Request): string[] {
  const path = req.url.split('?')[0] ?? '/';
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch (cause) {
    throw new MalformedRequest({ cause });
  }
}

/** Answers JSON. An answer is never cached by anyone unless it was declared so. */
export function sendJson(res: Response, status: number, body: unknown, cache = 'no-store'): void {
  if (res.headersSent) return;
  const text = JSON.stringify(body);
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.setHeader('Cache-Control', cache);
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.end(text);
}

/** Tells the caller what they can act on, and nothing else. */
export function sendProblem(
  res: Response,
  { status, code, message, facts }: Problem,
  requestId: string,
) {
  if (facts.retryAfterSeconds) res.setHeader('Retry-After', String(facts.retryAfterSeconds));
  if (facts.allow) res.setHeader('Allow', facts.allow.join(', '));
  const { details, field, current, until, caseId, limitBytes } = facts;
  sendJson(res, status, {
    error: message,
    code,
    ...(details && { details }),
    ...(field !== undefined && { field }),
    ...(current !== undefined && { current }),
    ...(until !== undefined && { until }),
    ...(caseId !== undefined && { caseId }),
    ...(limitBytes !== undefined && { limitBytes }),
    requestId,
  });
}

const INTERNAL = new Problem({
  code: 'internal_error',
  status: 500,
  error: 'Internal server error',
});
export const internalError = (): Problem => INTERNAL;
