import { open, unlink } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Digest, type Sums } from './digest.ts';
import { badDigest, badRequest, tooLarge, tooSmall } from './refusal.ts';

export interface ByteRange {
  readonly min: number;
  readonly max: number;
}

/** The bytes of a request. Stopping early leaves the connection open, so that it can be answered. */
export const bytesOf = (request: IncomingMessage): AsyncIterable<Buffer> =>
  request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;

export interface Append {
  readonly path: string;
  readonly digest: Digest;
  readonly source: AsyncIterable<Buffer>;
  /** Bytes at the start of the source that the file holds already. */
  readonly skip: number;
  /** How large the file may become. */
  readonly limit: number;
}

/** Appends to a file one chunk at a time. Throws 400 at the first byte beyond the limit. */
export async function append({ path, digest, source, skip, limit }: Append): Promise<void> {
  const file = await open(path, 'a');
  let toSkip = skip;
  try {
    for await (const chunk of source) {
      const fresh = chunk.subarray(Math.min(toSkip, chunk.length));
      toSkip -= chunk.length - fresh.length;
      if (digest.size + fresh.length > limit) throw tooLarge(limit);
      if (fresh.length === 0) continue;
      await file.appendFile(fresh);
      digest.update(fresh);
    }
  } finally {
    await file.close();
  }
}

/** Writes a whole body to a new file, which is gone again if anything goes wrong. */
export async function receive(
  path: string,
  source: AsyncIterable<Buffer>,
  { min, max }: ByteRange,
): Promise<Sums> {
  const digest = new Digest();
  try {
    await append({ path, digest, source, skip: 0, limit: max });
    if (digest.size < min) throw tooSmall(min);
    return digest.sums();
  } catch (problem) {
    await unlink(path).catch(() => {});
    throw problem;
  }
}

/** Throws 400 when the sender said another sum than what arrived. */
export function demandSums(
  sums: Pick<Sums, 'crc32c' | 'md5Hash'>,
  said: { readonly crc32c?: unknown; readonly md5Hash?: unknown },
): void {
  if (typeof said.crc32c === 'string' && said.crc32c !== sums.crc32c) throw badDigest('CRC32C');
  if (typeof said.md5Hash === 'string' && said.md5Hash !== sums.md5Hash) throw badDigest('MD5');
}

/** The sums a request states in `x-goog-hash: crc32c=…,md5=…` and `content-md5`. */
export function saidSums(headers: IncomingMessage['headers']) {
  const stated = new Map(
    `${headers['x-goog-hash'] ?? ''}`.split(',').map((part) => {
      const cut = part.indexOf('=');
      return [part.slice(0, cut).trim(), part.slice(cut + 1).trim()] as const;
    }),
  );
  return { crc32c: stated.get('crc32c'), md5Hash: stated.get('md5') ?? headers['content-md5'] };
}

const mostJson = 1024 * 1024;

/** A small JSON body; an empty one is an empty object. */
export async function readJsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytesOf(request)) {
    size += chunk.length;
    if (size > mostJson) throw tooLarge(mostJson);
    chunks.push(chunk);
  }
  return size === 0 ? {} : parseObject(Buffer.concat(chunks).toString('utf8'));
}

export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Answered below.
  }
  throw badRequest('Parse Error');
}
