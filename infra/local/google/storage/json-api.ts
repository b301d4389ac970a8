import { createReadStream } from 'node:fs';
import { type Call, mediaHeaders, sendMedia } from './media.ts';
import {
  attributesOf,
  bucketResource,
  demand,
  objectNamed,
  patched,
  preconditionsOf,
  resourceOf,
  type StoredObject,
} from './objects.ts';
import { readJsonBody, receive } from './receive.ts';
import { badRequest, Refusal, sendJson } from './refusal.ts';
import type { Store } from './store.ts';

const unlimited = { min: 0, max: Number.MAX_SAFE_INTEGER };
const mostListed = 1000;
const mostComposed = 32;

const notImplemented = () =>
  new Refusal(501, 'NotImplemented', 'notImplemented', 'The local storage does not do this.');

/** Everything under `/b`; `parts` are the decoded segments after it. */
export async function jsonApi(call: Call, store: Store, parts: readonly string[]): Promise<void> {
  const [bucket, kind, name, action, , target, , targetName] = parts;
  if (bucket === undefined) return buckets(call, store);
  if (kind === undefined) return oneBucket(call, store, bucket);
  store.bucket(bucket);
  if (kind === 'iam') return policy(call, store, bucket, name);
  if (kind !== 'o') throw notImplemented();
  if (name === undefined) return list(call, store, bucket);
  if (action === undefined) return oneObject(call, store, bucket, name);
  if (action === 'compose') return compose(call, store, bucket, name);
  if ((action === 'copyTo' || action === 'rewriteTo') && target !== undefined) {
    return copy(call, store, { from: [bucket, name], to: [target, targetName ?? ''], action });
  }
  throw notImplemented();
}

async function buckets({ request, response, query, origin }: Call, store: Store): Promise<void> {
  if (request.method === 'POST') {
    const { name } = await readJsonBody(request);
    if (store.hasBucket(`${name}`)) {
      throw new Refusal(409, 'BucketAlreadyExists', 'conflict', 'The bucket already exists.');
    }
    sendJson(response, 200, bucketResource(store.saveBucket(`${name}`, {}), origin));
    return;
  }
  const prefix = query.get('prefix') ?? '';
  const items = store.buckets().filter(({ name }) => name.startsWith(prefix));
  sendJson(response, 200, {
    kind: 'storage#buckets',
    items: items.map((bucket) => bucketResource(bucket, origin)),
  });
}

async function oneBucket(call: Call, store: Store, name: string): Promise<void> {
  const { request, response, origin } = call;
  const bucket = store.bucket(name);
  if (request.method === 'DELETE') {
    store.deleteBucket(name);
    response.writeHead(204).end();
  } else if (request.method === 'PATCH' || request.method === 'PUT') {
    await readJsonBody(request);
    sendJson(response, 200, bucketResource(store.saveBucket(name, {}), origin));
  } else sendJson(response, 200, bucketResource(bucket, origin));
}

/** A bucket is public when its policy lets `allUsers` view objects. */
async function policy(call: Call, store: Store, name: string, test?: string): Promise<void> {
  const { request, response, query } = call;
  if (test === 'testPermissions') {
    sendJson(response, 200, { permissions: query.getAll('permissions') });
    return;
  }
  if (request.method === 'PUT') {
    const { bindings } = await readJsonBody(request);
    const granted = (Array.isArray(bindings) ? bindings : []) as readonly Binding[];
    const open = granted.some(
      ({ role, members }) =>
        role === 'roles/storage.objectViewer' && (members ?? []).includes('allUsers'),
    );
    store.saveBucket(name, { public: open });
  }
  const bucket = store.bucket(name);
  const bindings = bucket.public
    ? [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }]
    : [];
  const etag = Buffer.from(`${bucket.metageneration}`).toString('base64');
  sendJson(response, 200, { kind: 'storage#policy', version: 1, etag, bindings });
}

interface Binding {
  readonly role?: string;
  readonly members?: readonly string[];
}

function list({ response, query, origin }: Call, store: Store, bucket: string): void {
  const text = (name: string) => query.get(name) ?? '';
  const token = Buffer.from(text('pageToken'), 'base64url').toString('utf8');
  const asked = Number(query.get('maxResults') ?? mostListed);
  const found = store.list(bucket, {
    prefix: text('prefix'),
    delimiter: text('delimiter'),
    startOffset: text('startOffset'),
    endOffset: text('endOffset'),
    pageToken: token,
    maxResults: asked >= 1 ? Math.min(asked, mostListed) : mostListed,
  });
  const { items, prefixes, nextPageToken } = found;
  sendJson(response, 200, {
    kind: 'storage#objects',
    ...(items.length === 0 ? {} : { items: items.map((item) => resourceOf(item, origin)) }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(nextPageToken === undefined
      ? {}
      : { nextPageToken: Buffer.from(nextPageToken).toString('base64url') }),
  });
}

async function oneObject(call: Call, store: Store, bucket: string, name: string): Promise<void> {
  const { request, response, query, origin } = call;
  const body =
    request.method === 'PATCH' || request.method === 'PUT' ? await readJsonBody(request) : {};
  const asked = preconditionsOf((condition) => query.get(condition));
  const object = store.get(bucket, name, query.get('generation'));
  if (request.method === 'DELETE') {
    store.remove(object, asked);
    response.writeHead(204).end();
  } else if (request.method === 'PATCH') {
    const next = store.update(object, patched(object, body), asked);
    sendJson(response, 200, resourceOf(next, origin));
  } else if (request.method === 'PUT') {
    sendJson(response, 200, resourceOf(store.update(object, attributesOf(body), asked), origin));
  } else {
    demand(object, asked);
    if (query.get('alt') !== 'media') return sendJson(response, 200, resourceOf(object, origin));
    const headers = mediaHeaders(object, 'private, max-age=0');
    await sendMedia(call, object, store.blobPath(object), headers);
  }
}

interface Source {
  readonly name?: string;
  readonly generation?: string | number;
  readonly objectPreconditions?: { readonly ifGenerationMatch?: string | number };
}

async function compose(call: Call, store: Store, bucket: string, name: string): Promise<void> {
  const { request, response, query, origin } = call;
  const preconditions = preconditionsOf((condition) => query.get(condition));
  const { sourceObjects, destination } = await readJsonBody(request);
  const listed = (Array.isArray(sourceObjects) ? sourceObjects : []) as readonly Source[];
  if (listed.length < 1 || listed.length > mostComposed) {
    throw badRequest(`1 to ${mostComposed} source objects can be composed.`);
  }
  const sources = listed.map((source) => {
    const generation = source.generation === undefined ? null : `${source.generation}`;
    const object = store.get(bucket, source.name ?? '', generation);
    const match = source.objectPreconditions?.ifGenerationMatch;
    demand(object, match === undefined ? {} : { ifGenerationMatch: Number(match) });
    return object;
  });
  const about = (destination ?? {}) as Record<string, unknown>;
  const contentType = sources[0]?.contentType;
  const part = store.partPath();
  const { size, crc32c } = await receive(part, contentsOf(store, sources), unlimited);
  const object = store.finalize({
    bucket,
    name: objectNamed(name),
    part,
    sums: { size, crc32c },
    componentCount: sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0),
    attributes: { ...(contentType === undefined ? {} : { contentType }), ...attributesOf(about) },
    preconditions,
  });
  sendJson(response, 200, resourceOf(object, origin));
}

async function* contentsOf(store: Store, objects: readonly StoredObject[]): AsyncGenerator<Buffer> {
  for (const object of objects) {
    yield* createReadStream(store.blobPath(object)) as AsyncIterable<Buffer>;
  }
}

interface Copy {
  readonly from: readonly [bucket: string, name: string];
  readonly to: readonly [bucket: string, name: string];
  readonly action: 'copyTo' | 'rewriteTo';
}

/** A copy is always whole, so a rewrite is done at its first call. */
async function copy(call: Call, store: Store, { from, to, action }: Copy): Promise<void> {
  const { request, response, query, origin } = call;
  const about = await readJsonBody(request);
  const source = store.get(from[0], from[1], query.get('sourceGeneration'));
  const sourceName = (name: string) => `ifSource${name.slice(2)}`;
  demand(
    source,
    preconditionsOf((name) => query.get(sourceName(name))),
  );
  const preconditions = preconditionsOf((name) => query.get(name));
  store.bucket(to[0]);
  const part = store.partPath();
  const { size, crc32c } = await receive(part, contentsOf(store, [source]), unlimited);
  const { md5Hash, componentCount } = source;
  const named = Object.keys(attributesOf(about)).length > 0;
  const object = store.finalize({
    bucket: to[0],
    name: objectNamed(to[1]),
    part,
    sums: { size, crc32c, ...(md5Hash === undefined ? {} : { md5Hash }) },
    ...(componentCount === undefined ? {} : { componentCount }),
    attributes: named ? attributesOf(about) : attributesOf({ ...source }),
    preconditions,
  });
  const resource = resourceOf(object, origin);
  const rewritten = {
    kind: 'storage#rewriteResponse',
    done: true,
    objectSize: `${object.size}`,
    totalBytesRewritten: `${object.size}`,
    resource,
  };
  sendJson(response, 200, action === 'copyTo' ? resource : rewritten);
}
