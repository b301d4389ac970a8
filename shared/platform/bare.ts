import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';

/** The answer to a request that never reached a function, in the same words as every other. */
export function sendBareProblem(res: ServerResponse, { status, code, message }: Problem): void {
  if (res.headersSent) return;
  const requestId = randomBytes(12).toString('hex');
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
  });
  res.end(JSON.stringify({ error: message, code, requestId }));
}
