import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { config } from './config.ts';

export type Verdict =
  | { readonly clean: true }
  | { readonly clean: false; readonly signature: string };

/** No verdict could be had. The file must be treated as if it were infected, and may be scanned again. */
export class ScanFailed extends Error {
  override readonly name = 'ScanFailed';
}

const CHUNK_BYTES = 256 * 1024;
/** clamd is silent while it reads a large archive; this is longer than its own limit of two minutes. */
const SILENCE_MS = 150_000;

/**
 * Streams a file to clamd and returns its verdict. Throws `ScanFailed` when the scanner cannot be reached, does
 * not finish, or did not look at all of the file because of its limits.
 *
 * The protocol is spoken here, because the usual client neither waits for a slow scanner (it would keep the whole
 * file in memory) nor ends when one stops answering.
 */
export async function scanFile(path: string): Promise<Verdict> {
  return verdictOf(await instream(path));
}

async function instream(path: string): Promise<string> {
  const { hostname, port } = new URL(config().CLAMD_URL);
  const socket = createConnection({ host: hostname, port: Number(port), timeout: SILENCE_MS });
  socket.once('timeout', () => socket.destroy(new Error('the scanner does not answer')));
  const answered = new AbortController();
  const answer = answerOf(socket).finally(() => answered.abort());
  const sent = send(path, socket, answered.signal).then(
    () => true,
    (cause: Error) => {
      socket.destroy(cause);
      return false;
    },
  );
  try {
    const said = await answer;
    // Whatever it says about a part is no verdict on the whole.
    if (said === 'stream: OK' && !(await sent)) throw new Error('the file was not read to its end');
    return said;
  } catch (cause) {
    throw new ScanFailed('the virus scanner gave no verdict', { cause });
  } finally {
    socket.destroy();
    await sent;
  }
}

async function send(path: string, socket: Socket, signal: AbortSignal): Promise<void> {
  await once(socket, 'connect', { signal });
  socket.write('zINSTREAM\0');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    const bytes: Buffer = chunk;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    socket.write(length);
    if (!socket.write(bytes)) await once(socket, 'drain', { signal });
  }
  socket.write(Buffer.alloc(4));
}

function answerOf(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const settle = (cause?: Error) => {
    const [said, ...more] = text.split('\0');
    if (said && more.length > 0) resolve(said.trim());
    else reject(cause ?? new Error('the scanner hung up'));
  };
  socket.once('end', () => settle());
  socket.once('error', settle);
  socket.once('close', () => settle());
  return promise;
}

/** `stream: OK`, `stream: <signature> FOUND`, or a complaint. */
function verdictOf(said: string): Verdict {
  if (said === 'stream: OK') return { clean: true };
  const signature = /^stream: (\S+) FOUND$/.exec(said)?.[1];
  if (!signature || signature.startsWith('Heuristics.Limits.Exceeded')) {
    throw new ScanFailed(`the virus scanner did not read all of it: ${said}`);
  }
  return { clean: false, signature: signature.replace(/\.UNOFFICIAL$/, '') };
}
