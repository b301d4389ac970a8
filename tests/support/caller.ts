import { checkAnswer } from './conformity.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A JSON body of unknown shape, read by name or as a list. Missing names read as undefined. */
export type Body = readonly Body[] & { readonly [name: string]: Body };

export interface Sent {
  readonly body?: unknown;
  readonly token?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Caller {
  /** Any method, for tests that go through all endpoints. */
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Answer>;
  readonly get: (path: string, sent?: Sent) => Promise<Answer>;
  readonly post: (path: string, body?: unknown, sent?: Sent) => Promise<Answer>;
  readonly put: (path: string, body?: unknown, sent?: Sent) => Promise<Answer>;
  readonly delete: (path: string, sent?: Sent) => Promise<Answer>;
}

async function call(url: string, method: string, path: string, sent: Sent): Promise<Answer> {
  const { body, token, key, headers } = sent;
  const raw = body instanceof FormData || body instanceof Uint8Array || typeof body === 'string';
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body !== undefined && !raw && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: parsed(text) };
  checkAnswer(method, path, answer);
  return answer;
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return { text } as unknown as Body;
  }
}

/** Calls the product over HTTP, as one person where a token is given. */
export const callerOf = (url: string, token?: () => string): Caller => {
  const as = (sent: Sent = {}): Sent => (token ? { token: token(), ...sent } : sent);
  return {
    send: (method, path, sent) => call(url, method, path, as(sent)),
    get: (path, sent) => call(url, 'GET', path, as(sent)),
    post: (path, body, sent) => call(url, 'POST', path, as({ ...sent, body })),
    put: (path, body, sent) => call(url, 'PUT', path, as({ ...sent, body })),
    delete: (path, sent) => call(url, 'DELETE', path, as(sent)),
  };
};
