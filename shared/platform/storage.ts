import type { Bucket, File, Storage } from '@google-cloud/storage';
import { config } from '#platform/config.ts';

let client: Promise<Storage> | undefined;

/** Loading the library costs a cold start, so a function that never stores anything never does. */
const storage = (): Promise<Storage> =>
  (client ??= import('@google-cloud/storage').then(
    ({ IdempotencyStrategy, Storage }) =>
      new Storage({
        projectId: config().GOOGLE_CLOUD_PROJECT,
        retryOptions: {
          // Each write here may be repeated: it names the whole content, or a generation.
          idempotencyStrategy: IdempotencyStrategy.RetryAlways,
          maxRetries: 4,
          maxRetryDelay: 8,
          totalTimeout: 60,
        },
      }),
  ));

const bucketNamed = async (bucket: string): Promise<Bucket> => (await storage()).bucket(bucket);
const fileNamed = async (bucket: string, object: string): Promise<File> =>
  (await bucketNamed(bucket)).file(object);

export interface UploadRequest {
  readonly bucket: string;
  readonly object: string;
  readonly contentType: string;
  /** Exactly how many bytes will come. */
  readonly bytes: number;
  readonly expiresAt: Date;
  /** The web page's origin, for browsers; the session answers no other. */
  readonly origin?: string;
}

export interface SignedUpload {
  readonly url: string;
  readonly method: 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/**
 * Opens a resumable upload session for an object that must not exist yet. Whoever holds the URL can
 * PUT the bytes at once or in chunks, ask how far it is, and needs no other right. `expiresAt` is
 * the caller's own limit: the session itself lives for a week.
 */
export async function signedUpload(request: UploadRequest): Promise<SignedUpload> {
  const { bucket, object, contentType, bytes, expiresAt, origin } = request;
  const file = await fileNamed(bucket, object);
  const [url] = await file.createResumableUpload({
    metadata: { contentType, contentLength: bytes },
    preconditionOpts: { ifGenerationMatch: 0 },
    ...(origin === undefined ? {} : { origin }),
  });
  return { url, method: 'PUT', headers: { 'content-type': contentType }, expiresAt };
}

/** How many bytes a session has received; undefined when there is no such session any more. */
export async function uploadProgress(sessionUrl: string): Promise<number | undefined> {
  const response = await fetch(sessionUrl, {
    method: 'PUT',
    headers: { 'content-range': 'bytes */*' },
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  });
  if (response.ok) return Number(((await response.json()) as { size: string }).size);
  await response.body?.cancel();
  if (response.status === 308) {
    const last = /-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1];
    return last === undefined ? 0 : Number(last) + 1;
  }
  if (response.status >= 400 && response.status < 500) return undefined;
  throw new Error(`The upload session answered ${response.status}.`);
}

export interface DownloadRequest {
  readonly bucket: string;
  readonly object: string;
  readonly expiresAt: Date;
  /** Makes browsers save the object under this name instead of showing it. */
  readonly asFilename?: string;
}

/** A V4 signed URL that reads one object until `expiresAt`, at most seven days from now. */
export async function signedDownload(request: DownloadRequest): Promise<string> {
  const { bucket, object, expiresAt, asFilename } = request;
  const file = await fileNamed(bucket, object);
  const [url] = await file.getSignedUrl({
    version: 'v4',
    action: 'read',
    expires: expiresAt,
    ...(asFilename === undefined ? {} : { promptSaveAs: asFilename }),
  });
  return url;
}

export interface ObjectInfo {
  readonly bytes: number;
  readonly contentType: string;
  readonly generation: string;
  /** In hex; absent on composed objects. */
  readonly md5?: string;
}

/** What is stored under a name; undefined when nothing is. */
export async function objectInfo(bucket: string, object: string): Promise<ObjectInfo | undefined> {
  const file = await fileNamed(bucket, object);
  try {
    const [{ size, contentType, generation, md5Hash }] = await file.getMetadata();
    return {
      bytes: Number(size),
      contentType: contentType ?? 'application/octet-stream',
      generation: `${generation}`,
      ...(md5Hash === undefined ? {} : { md5: Buffer.from(md5Hash, 'base64').toString('hex') }),
    };
  } catch (problem) {
    if (isStatus(problem, 404)) return undefined;
    throw problem;
  }
}

const isStatus = (problem: unknown, status: number) =>
  problem instanceof Error && 'code' in problem && Number(problem.code) === status;

/** Deletes an object; with a generation only if it is still that one. Absence is no error. */
export async function deleteObject(
  bucket: string,
  object: string,
  generation?: string,
): Promise<void> {
  const named = await bucketNamed(bucket);
  const file = named.file(object, generation === undefined ? {} : { generation });
  await file.delete({ ignoreNotFound: true });
}

const deletedAtOnce = 50;

/** Deletes everything whose name starts with a prefix, and says how many objects that were. */
export async function deletePrefix(bucket: string, prefix: string): Promise<number> {
  if (prefix === '') throw new Error('deletePrefix needs a prefix: it never empties a bucket.');
  const named = await bucketNamed(bucket);
  let deleted = 0;
  for (;;) {
    const [files] = await named.getFiles({
      prefix,
      maxResults: deletedAtOnce,
      autoPaginate: false,
    });
    if (files.length === 0) return deleted;
    await Promise.all(files.map((file) => file.delete({ ignoreNotFound: true })));
    deleted += files.length;
  }
}

/** Streams an object to a local file, verifying its checksum. */
export async function downloadTo(bucket: string, object: string, path: string): Promise<void> {
  await (await fileNamed(bucket, object)).download({ destination: path });
}

interface Written {
  readonly bucket: string;
  readonly object: string;
  readonly contentType: string;
  readonly cacheControl?: string;
}

const metadataOf = ({ contentType, cacheControl }: Written) => ({
  contentType,
  ...(cacheControl === undefined ? {} : { cacheControl }),
});

/** Streams a local file to an object, replacing what was there. */
export async function uploadFile(upload: Written & { readonly path: string }): Promise<void> {
  const { bucket, object, path } = upload;
  const named = await bucketNamed(bucket);
  await named.upload(path, { destination: object, metadata: metadataOf(upload) });
}

/** Writes a small object in one request, replacing what was there. */
export async function writeObject(
  write: Written & { readonly body: string | Uint8Array },
): Promise<void> {
  const file = await fileNamed(write.bucket, write.object);
  const body = typeof write.body === 'string' ? write.body : Buffer.from(write.body);
  await file.save(body, { resumable: false, metadata: metadataOf(write) });
}

/** A small object's bytes; undefined when there is none. Throws when it is larger than allowed. */
export async function readObject(
  bucket: string,
  object: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const found = await objectInfo(bucket, object);
  if (found === undefined) return undefined;
  if (found.bytes > maxBytes) {
    throw new Error(`${bucket}/${object} has ${found.bytes} bytes; at most ${maxBytes} are read.`);
  }
  const [body] = await (await bucketNamed(bucket))
    .file(object, { generation: found.generation })
    .download();
  return body;
}

/** Where the public reads an object of the media bucket. */
export function publicUrl(object: string): string {
  const path = object.split('/').map(encodeURIComponent).join('/');
  return `${config().MEDIA_BASE_URL.replace(/\/+$/, '')}/${path}`;
}
