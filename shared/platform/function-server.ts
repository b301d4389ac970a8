import type { RequestListener, Server } from 'node:http';
import { type HttpFunction, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { front } from './front.ts';

// Importing it would read each of its exports, and one of them loads a whole HTTP client: 50 ms of a cold start.
const { createServer } = process.getBuiltinModule('node:http');

/** The framework's own pipeline around one function, as a listener that any server can use. */
export function frameworkListener(name: string, handler: HttpFunction): RequestListener {
  http(name, handler);
  const framework = getTestServer(name);
  return front((req, res) => void framework.emit('request', req, res));
}

/**
 * The framework runs every request in a `node:domain`, which follows each of its promises: more than
 * a third of the processor time of a small request. The kernel catches what a handler throws; for the
 * rest see `functions/main.ts`.
 */
export const outsideDomain =
  (handler: HttpFunction): HttpFunction =>
  (req, res) => {
    (process as { readonly domain?: { exit(): void } | null }).domain?.exit();
    return handler(req, res);
  };

/** A server that answers whatever is not HTTP with JSON too, and never waits forever. */
export function httpServer(listener: RequestListener): Server {
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 },
    listener,
  );
  server.on('clientError', (_error, socket) => {
    if (!socket.writable) return;
    const body = JSON.stringify({ error: 'Malformed request', code: 'malformed_request' });
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

/** Listens, and resolves with the port: the one asked for, or a free one for 0. */
export const listen = (server: Server, port: number, host?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });

/** Refuses new connections, answers what is under way, and resolves when all of it is answered. */
export const drain = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    // Clients keep their connections open; one that was answered is idle from then on.
    const letGo = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(letGo);
      resolve();
    });
    server.closeIdleConnections();
  });
