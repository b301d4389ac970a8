/** Notices what a consumer does with an event, beyond taking it: what it writes, and whom it calls. */
import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import mongoose from 'mongoose';

/** Who is at work; deliveries by hand come one at a time. */
let worker: string | undefined;
const deeds = new Map<string, number>();

/** The consumers that have done something so far. */
export const diligent = (): ReadonlySet<string> => new Set(deeds.keys());

const count = (): void => {
  if (worker !== undefined) deeds.set(worker, (deeds.get(worker) ?? 0) + 1);
};

/** What happens meanwhile is what `name` does. */
export async function whileAtWork<Result>(
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  worker = name;
  try {
    return await work();
  } finally {
    worker = undefined;
  }
}

/** From now on everything is noticed, but calls to ourselves. */
export function watchDeeds(url: string): void {
  const { port } = new URL(url);
  subscribe('http.client.request.start', count);
  subscribe('net.client.socket', count);
  subscribe('undici:request:create', (message) => {
    const { request } = message as { readonly request: { readonly origin: string | URL } };
    if (new URL(request.origin).port !== port) count();
  });
  watchMail();
  watchWrites();
}

/** The connection to the mail server is kept: what is said on it counts, not that it is opened. */
function watchMail(): void {
  const { port } = new URL(process.env['SMTP_URL'] ?? '');
  const { write } = Socket.prototype;
  Socket.prototype.write = function (this: Socket, ...sent: Parameters<Socket['write']>) {
    if (String(this.remotePort) === port) count();
    return write.apply(this, sent);
  } as Socket['write'];
}

type Command = Readonly<Record<string, unknown>>;

/** Marks that an event was claimed, or that it has left. */
function isBookkeeping(command: Command): boolean {
  if (Object.values(command).includes('idempotencykeys')) return true;
  return JSON.stringify(command['updates'] ?? null).includes('"publishedAt"');
}

function watchWrites(): void {
  const underway = new Map<number, Command>();
  const client = mongoose.connection.getClient();
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    if (WRITES.has(commandName)) underway.set(requestId, command as Command);
  });
  client.on('commandSucceeded', ({ requestId, reply }) => {
    const command = underway.get(requestId);
    underway.delete(requestId);
    if (command && !isBookkeeping(command) && changed(reply as Command)) count();
  });
}

const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'findAndModify']);

/** Whether a write found anything to write. */
const changed = ({ nModified, n, value, upserted }: Command): boolean =>
  upserted !== undefined || value != null || Number(nModified ?? n ?? 0) > 0;
