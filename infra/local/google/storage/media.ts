import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { etagOf, type StoredObject } from './objects.ts';
import { Refusal } from './refusal.ts';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path as it was sent: never normalised, so that `..` stays part of a name. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The scheme and host the caller used. */
  readonly origin: string;
}

/** The entity tag of the XML API: the MD5 in hex, as browsers and CDNs see it. */
export const mediaEtag = (object: StoredObject) =>
  object.md5Hash === undefined
    ? `"${etagOf(object)}"`
    : `"${Buffer.from(object.md5Hash, 'base64').toString('hex')}"`;

export function mediaHeaders(object: StoredObject, defaultCacheControl: string) {
  const { md5Hash, contentDisposition, contentEncoding, contentLanguage, metadata = {} } = object;
  return {
    'content-type': object.contentType ?? 'application/octet-stream',
    'cache-control': object.cacheControl ?? defaultCacheControl,
    'last-modified': new Date(object.updated).toUTCString(),
    etag: mediaEtag(object),
    'accept-ranges': 'bytes',
    'x-goog-generation': `${object.generation}`,
    'x-goog-metageneration': `${object.metageneration}`,
    'x-goog-hash': `crc32c=${object.crc32c}${md5Hash === undefined ? '' : `,md5=${md5Hash}`}`,
    'x-goog-storage-class': 'STANDARD',
    'x-goog-stored-content-encoding': contentEncoding ?? 'identity',
    'x-goog-stored-content-length': `${object.size}`,
    ...(contentDisposition === undefined ? {} : { 'content-disposition': contentDisposition }),
    ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
    ...(contentLanguage === undefined ? {} : { 'content-language': contentLanguage }),
    ...Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [`x-goog-meta-${key}`, encodeURI(value)]),
    ),
  };
}

/** Sends an object's bytes, or the range of them that was asked for. */
export async function sendMedia(
  { request, response }: Call,
  object: StoredObject,
  blob: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const known = `${request.headers['if-none-match'] ?? ''}`.split(',').map((tag) => tag.trim());
  if (known.includes(headers['etag'] ?? '') || known.includes('*')) {
    response.writeHead(304, { etag: headers['etag'], 'cache-control': headers['cache-control'] });
    response.end();
    return;
  }
  const range = rangeOf(request.headers.range, object.size);
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${object.size}` }),
  });
  if (request.method === 'HEAD' || object.size === 0) {
    response.end();
    return;
  }
  // A reader who goes away is no error, and an object replaced meanwhile stays readable here.
  await pipeline(createReadStream(blob, { start, end }), response).catch(() => response.destroy());
}

/** The one range a request asks for; undefined when it asks for all, or for several. */
function rangeOf(header: string | undefined, size: number) {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, from = '', to = ''] = parts ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && from !== '' && Number(to) < Number(from)) return undefined;
  if (start > end) {
    throw new Refusal(
      416,
      'InvalidRange',
      'requestedRangeNotSatisfiable',
      'The requested range cannot be satisfied.',
      `bytes */${size}`,
    );
  }
  return { start, end };
}
