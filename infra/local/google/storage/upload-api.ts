import type { Call } from './media.ts';
import {
  attributesOf,
  objectNamed,
  type Preconditions,
  preconditionsOf,
  resourceOf,
} from './objects.ts';
import { bytesOf, demandSums, readJsonBody, receive, saidSums } from './receive.ts';
import { badRequest, sendJson } from './refusal.ts';
import { readRelated } from './related.ts';
import type { NewSession, Progress, Sessions } from './sessions.ts';
import type { Store } from './store.ts';

const unlimited = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** `POST /upload/storage/v1/b/<bucket>/o`: media, multipart and resumable. */
export async function insertObject(
  call: Call,
  store: Store,
  sessions: Sessions,
  bucket: string,
): Promise<void> {
  const { request, response, query, origin } = call;
  store.bucket(bucket);
  const uploadType = query.get('uploadType') ?? 'media';
  const preconditions = preconditionsOf((name) => query.get(name));
  if (uploadType === 'resumable') {
    const id = await startSession(call, sessions, bucket, preconditions);
    const location = `${origin}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&upload_id=${id}`;
    response.writeHead(200, { location, 'x-guploader-uploadid': id, 'content-length': 0 }).end();
    return;
  }
  const { about, contentType, body } =
    uploadType === 'multipart'
      ? await readRelated(bytesOf(request), request.headers['content-type'] ?? '')
      : { about: {}, contentType: request.headers['content-type'], body: bytesOf(request) };
  const name = objectNamed(query.get('name') ?? `${about['name'] ?? ''}`);
  const part = store.partPath();
  const sums = await receive(part, body, unlimited);
  demandSums(sums, about);
  demandSums(sums, saidSums(request.headers));
  const attributes = {
    ...(contentType === undefined ? {} : { contentType }),
    ...attributesOf(about),
  };
  const object = store.finalize({ bucket, name, part, sums, attributes, preconditions });
  sendJson(response, 200, resourceOf(object, origin));
}

async function startSession(
  { request, query }: Call,
  sessions: Sessions,
  bucket: string,
  preconditions: Preconditions,
): Promise<string> {
  const about = await readJsonBody(request);
  const type = request.headers['x-upload-content-type'];
  const length = request.headers['x-upload-content-length'];
  if (length !== undefined && !/^\d{1,15}$/.test(`${length}`)) {
    throw badRequest('X-Upload-Content-Length must be a whole number.');
  }
  const session: NewSession = {
    bucket,
    name: objectNamed(query.get('name') ?? `${about['name'] ?? ''}`),
    attributes: {
      ...(type === undefined ? {} : { contentType: `${type}` }),
      ...attributesOf(about),
    },
    preconditions,
    said: { crc32c: about['crc32c'], md5Hash: about['md5Hash'] },
    ...(length === undefined ? {} : { declaredBytes: Number(length) }),
  };
  return sessions.start(session);
}

/** One request to a running session: bytes, a question, or the end of it. */
export async function continueSession(
  { request, response, origin }: Call,
  sessions: Sessions,
  id: string,
): Promise<Progress | undefined> {
  if (request.method === 'DELETE') {
    sessions.cancel(id);
    response.writeHead(499, { 'content-length': 0 }).end();
    return undefined;
  }
  const said = saidSums(request.headers);
  const { start, end, total, question } = contentRange(request.headers['content-range']);
  const progress = question
    ? await sessions.status(id, total)
    : await sessions.write(id, {
        start,
        ...(end === undefined ? {} : { end }),
        ...(total === undefined ? {} : { total }),
        source: bytesOf(request),
        abort: () => request.destroy(),
        said,
      });
  if (progress.complete) {
    sendJson(response, 200, resourceOf(progress.object, origin));
    return progress;
  }
  const { received } = progress;
  const range = received === 0 ? {} : { range: `bytes=0-${received - 1}` };
  response.writeHead(308, { ...range, 'x-guploader-uploadid': id, 'content-length': 0 }).end();
  return progress;
}

function contentRange(header: string | undefined): {
  start: number;
  end?: number;
  total?: number;
  question: boolean;
} {
  if (header === undefined) return { start: 0, question: false };
  const parts = /^bytes (?:(\*)|(\d+)-(\d+|\*))\/(\d+|\*)$/.exec(header);
  if (parts === null) throw badRequest(`Invalid Content-Range: ${header}`);
  const [, star, from = '0', to = '*', whole = '*'] = parts;
  return {
    start: Number(from),
    ...(to === '*' ? {} : { end: Number(to) }),
    ...(whole === '*' ? {} : { total: Number(whole) }),
    question: star === '*',
  };
}
