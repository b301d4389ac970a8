import { type Call, mediaEtag, mediaHeaders, sendMedia } from './media.ts';
import { objectNamed, preconditionsOf, type StoredObject } from './objects.ts';
import { type ByteRange, bytesOf, demandSums, receive, saidSums } from './receive.ts';
import { accessDenied, badRequest, Refusal, tooLarge } from './refusal.ts';
import type { Sessions } from './sessions.ts';
import { demandSignature, type Signer } from './signature.ts';
import type { Store } from './store.ts';
import { continueSession } from './upload-api.ts';

/** `/<bucket>/<object>`: what signed URLs and the public use. */
export async function xmlApi(
  call: Call,
  store: Store,
  sessions: Sessions,
  signer: Signer,
  [bucket, name]: readonly [bucket: string, name: string],
): Promise<void> {
  const { request, response, query } = call;
  const { method } = request;
  const upload = query.get('upload_id');
  if (upload !== null && (method === 'PUT' || method === 'DELETE')) {
    await continueSession(call, sessions, upload);
    return;
  }
  authorize(call, store, signer, bucket);
  store.bucket(bucket);
  objectNamed(name);
  if (method === 'GET' || method === 'HEAD')
    return read(call, store, store.get(bucket, name, query.get('generation')));
  if (method === 'PUT') return put(call, store, bucket, name);
  if (method === 'DELETE') {
    store.remove(store.get(bucket, name, query.get('generation')), conditions(call));
    response.writeHead(204).end();
    return;
  }
  if (method === 'POST' && request.headers['x-goog-resumable'] === 'start') {
    return start(call, sessions, bucket, name);
  }
  throw new Refusal(405, 'MethodNotAllowed', 'methodNotAllowed', 'The method is not allowed.');
}

/** A signature, any bearer token, or a read of what everybody may read. */
function authorize(call: Call, store: Store, signer: Signer, bucket: string): void {
  const { request, query, path } = call;
  if ([...query.keys()].some((name) => name.toLowerCase().startsWith('x-goog-'))) {
    demandSignature(request, path, query, signer);
    return;
  }
  if (request.headers.authorization?.startsWith('Bearer ')) return;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && store.hasBucket(bucket) && store.bucket(bucket).public) return;
  const permission = reads ? 'storage.objects.get' : 'storage.objects.create';
  throw accessDenied(`Anonymous caller does not have ${permission} access to this object.`);
}

const conditions = ({ request }: Call) =>
  preconditionsOf((name) => {
    const header = `x-goog-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const value = request.headers[header];
    return value === undefined ? null : `${value}`;
  });

async function read(call: Call, store: Store, object: StoredObject): Promise<void> {
  const { query } = call;
  const open = store.bucket(object.bucket).public;
  const headers: Record<string, string> = mediaHeaders(
    object,
    open ? 'public, max-age=3600' : 'private, max-age=0',
  );
  for (const name of ['content-type', 'content-disposition', 'cache-control']) {
    const wanted = query.get(`response-${name}`);
    if (wanted !== null && query.has('X-Goog-Signature')) headers[name] = wanted;
  }
  await sendMedia(call, object, store.blobPath(object), headers);
}

async function put(call: Call, store: Store, bucket: string, name: string): Promise<void> {
  const { request, response } = call;
  const range = lengthRange(call);
  const length = request.headers['content-length'];
  if (length !== undefined && Number(length) > range.max) throw tooLarge(range.max);
  const preconditions = conditions(call);
  const part = store.partPath();
  const sums = await receive(part, bytesOf(request), range);
  demandSums(sums, saidSums(request.headers));
  const attributes = attributesIn(call);
  const object = store.finalize({ bucket, name, part, sums, attributes, preconditions });
  response.writeHead(200, { ...identity(object), 'content-length': 0 }).end();
}

async function start(call: Call, sessions: Sessions, bucket: string, name: string): Promise<void> {
  const { response, request, origin, path } = call;
  const id = await sessions.start({
    bucket,
    name,
    attributes: attributesIn(call),
    preconditions: conditions(call),
    range: lengthRange(call),
    said: {},
    ...declared(request.headers['x-upload-content-length']),
  });
  const location = `${origin}${path}?upload_id=${id}`;
  response.writeHead(201, { location, 'x-guploader-uploadid': id, 'content-length': 0 }).end();
}

const declared = (length: string | readonly string[] | undefined) =>
  length === undefined ? {} : { declaredBytes: Number(length) };

function lengthRange({ request }: Call): ByteRange {
  const header = request.headers['x-goog-content-length-range'];
  if (header === undefined) return { min: 0, max: Number.MAX_SAFE_INTEGER };
  const parts = /^(\d{1,15}),(\d{1,15})$/.exec(`${header}`);
  if (parts === null) throw badRequest('Invalid x-goog-content-length-range.');
  return { min: Number(parts[1]), max: Number(parts[2]) };
}

function attributesIn({ request }: Call) {
  const { headers } = request;
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('x-goog-meta-') ? [[name.slice('x-goog-meta-'.length), `${value}`]] : [],
  );
  const given = {
    contentType: headers['content-type'],
    cacheControl: headers['cache-control'],
    contentDisposition: headers['content-disposition'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

const identity = (object: StoredObject) => ({
  etag: mediaEtag(object),
  'x-goog-generation': `${object.generation}`,
  'x-goog-metageneration': `${object.metageneration}`,
  'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5Hash ?? ''}`,
});
