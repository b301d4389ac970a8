/** How one endpoint is reached. */
export interface Binding {
  readonly method: string;
  readonly path: string;
  /** What goes nowhere but into the path. */
  readonly pathNames: readonly string[];
  readonly queryNames: readonly string[];
}

export interface ClientOptions {
  readonly baseUrl: string;
  /** The access token, asked for before each call. */
  readonly token?: () => string | undefined;
  readonly fetch?: typeof fetch;
}

/** A refusal of the API; `code` is stable and documented. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly string[];
  readonly field: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, body: Readonly<Record<string, unknown>>, retryAfter: string | null) {
    super(String(body['error'] ?? `HTTP ${status}`));
    this.name = 'ApiError';
    this.status = status;
    this.code = String(body['code'] ?? 'unknown');
    this.details = (body['details'] as string[] | undefined) ?? [];
    this.field = body['field'] as string | undefined;
    this.requestId = body['requestId'] as string | undefined;
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}

interface PerCall {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Calls one endpoint: what the path and the query name goes there, the rest is the body. */
export async function call(
  { baseUrl, token, fetch: send = fetch }: ClientOptions,
  { method, path, pathNames, queryNames }: Binding,
  input: Readonly<Record<string, unknown>>,
  { idempotencyKey, signal }: PerCall,
): Promise<unknown> {
  const url = new URL(
    path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(input[name]))),
    baseUrl,
  );
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (pathNames.includes(name) || value === undefined) continue;
    if (queryNames.includes(name)) url.searchParams.set(name, String(value));
    else rest[name] = value;
  }
  const bearer = token?.();
  const response = await send(url, {
    method,
    headers: {
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(rest) }),
    ...(signal && { signal }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new ApiError(response.status, body, response.headers.get('retry-after'));
  return body;
}
