/**
 * The host as a process of its own, so that a test can end it without asking. It reads the
 * environment it was given, and tells its parent where it listens and what it is doing.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { flushCompileCache } from 'node:module';
import { advanceClock } from '#local/host/control.ts';
import { startHost } from '#local/host/host.ts';

export type HostMessage =
  | { readonly url: string }
  | { readonly began: number; readonly path: string }
  | { readonly ended: number };
const tell = (message: HostMessage): void => void process.send?.(message);

const numbers = new WeakMap<IncomingMessage, number>();
let last = 0;
subscribe('http.server.request.start', (message) => {
  const { request } = message as { readonly request: IncomingMessage };
  last += 1;
  numbers.set(request, last);
  tell({ began: last, path: `${request.method} ${request.url}` });
});
subscribe('http.server.response.finish', (message) => {
  const { request } = message as { readonly request: IncomingMessage };
  tell({ ended: numbers.get(request) ?? 0 });
});

advanceClock(Number(process.env['HOST_CLOCK_AHEAD_MS'] ?? 0));
const { url } = await startHost({ port: 0, background: false });
process.on('disconnect', () => process.exit(0));
tell({ url });
// Whoever is killed cannot do it later, and the next one starts in half the time.
flushCompileCache();
