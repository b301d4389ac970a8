import { badRequest, preconditionFailed } from './refusal.ts';

/** What the uploader says about an object. */
export interface Attributes {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly customTime?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface StoredObject extends Attributes {
  readonly bucket: string;
  readonly name: string;
  /** Microseconds since 1970 of its making; strictly growing in one store. */
  readonly generation: number;
  readonly metageneration: number;
  readonly size: number;
  readonly crc32c: string;
  /** Absent on composed objects, as in the cloud. */
  readonly md5Hash?: string;
  readonly componentCount?: number;
  readonly timeCreated: string;
  readonly updated: string;
}

export interface Bucket {
  readonly name: string;
  /** Whether anybody may read its objects without a signature. */
  readonly public: boolean;
  readonly sinks: readonly { readonly url: string }[];
  readonly notifyEvents: readonly 'finalized'[];
  readonly metageneration: number;
  readonly timeCreated: string;
  readonly updated: string;
}

export interface Preconditions {
  readonly ifGenerationMatch?: number;
  readonly ifGenerationNotMatch?: number;
  readonly ifMetagenerationMatch?: number;
  readonly ifMetagenerationNotMatch?: number;
}

/** Throws 412 unless everything asked of the object as it is now holds. Generation 0 is "none". */
export function demand(existing: StoredObject | undefined, asked: Preconditions): void {
  const generation = existing?.generation ?? 0;
  const metageneration = existing?.metageneration ?? 0;
  const holds =
    (asked.ifGenerationMatch === undefined || asked.ifGenerationMatch === generation) &&
    (asked.ifGenerationNotMatch === undefined || asked.ifGenerationNotMatch !== generation) &&
    (asked.ifMetagenerationMatch === undefined || asked.ifMetagenerationMatch === metageneration) &&
    (asked.ifMetagenerationNotMatch === undefined ||
      asked.ifMetagenerationNotMatch !== metageneration);
  if (!holds) throw preconditionFailed();
}

/** Reads preconditions from a query string, or from headers through `prefix` and `name`. */
export function preconditionsOf(read: (name: keyof Preconditions) => string | null): Preconditions {
  const names = [
    'ifGenerationMatch',
    'ifGenerationNotMatch',
    'ifMetagenerationMatch',
    'ifMetagenerationNotMatch',
  ] as const;
  const found = names.flatMap((name) => {
    const text = read(name);
    if (text === null || text === '') return [];
    if (!/^\d{1,16}$/.test(text)) throw badRequest(`${name} must be a whole number.`);
    return [[name, Number(text)] as const];
  });
  return Object.fromEntries(found);
}

const texts = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'customTime',
] as const;

/** Takes what is an attribute from an untrusted JSON body; null takes an attribute away. */
export function attributesOf(body: Readonly<Record<string, unknown>>): Attributes {
  const plain = texts.flatMap((name) => {
    const value = body[name];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  const custom = body['metadata'];
  if (custom === undefined || custom === null) return Object.fromEntries(plain);
  const metadata = Object.fromEntries(
    Object.entries(custom).flatMap(([key, value]) =>
      value === null ? [] : [[key, String(value)] as const],
    ),
  );
  return { ...Object.fromEntries(plain), metadata };
}

/** The attributes after a PATCH: what is named changes, null takes away, the rest stays. */
export function patched(
  before: Attributes,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = body['metadata'];
  const next: Record<string, unknown> = Object.fromEntries(
    texts.flatMap((name) => {
      const value = name in body ? body[name] : before[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
  const merged = {
    ...before.metadata,
    ...(typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {}),
  };
  const kept = Object.entries(merged).filter(([, value]) => value !== null);
  if (given !== null && kept.length > 0) {
    next['metadata'] = Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
  }
  return next;
}

const bucketName = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;

/** Throws 400 unless the name is one a bucket may have. */
export function bucketNamed(name: string): string {
  if (!bucketName.test(name) || name.includes('..')) throw badRequest('Invalid bucket name.');
  return name;
}

/** Throws 400 unless the name is one an object may have. Any other name is only a name, `../x` too. */
export function objectNamed(name: string): string {
  const bytes = Buffer.byteLength(name);
  const lawful =
    bytes >= 1 &&
    bytes <= 1024 &&
    name !== '.' &&
    name !== '..' &&
    !/[\r\n]/.test(name) &&
    !name.startsWith('.well-known/acme-challenge/');
  if (!lawful) throw badRequest('Invalid object name.', 'InvalidObjectName');
  return name;
}

export const etagOf = (object: StoredObject) =>
  Buffer.from(`${object.generation}/${object.metageneration}`).toString('base64');

/** The object as the JSON API and the CloudEvents show it. */
export function resourceOf(object: StoredObject, origin: string): Record<string, unknown> {
  const { bucket, name, generation, metageneration, size, componentCount, ...rest } = object;
  const path = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}${path}`,
    mediaLink: `${origin}/download${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: `${generation}`,
    metageneration: `${metageneration}`,
    storageClass: 'STANDARD',
    size: `${size}`,
    ...rest,
    ...(componentCount === undefined ? {} : { componentCount }),
    etag: etagOf(object),
    timeStorageClassUpdated: object.timeCreated,
    timeFinalized: object.timeCreated,
  };
}

export const bucketResource = (bucket: Bucket, origin: string) => ({
  kind: 'storage#bucket',
  id: bucket.name,
  name: bucket.name,
  selfLink: `${origin}/storage/v1/b/${bucket.name}`,
  projectNumber: '0',
  location: 'LOCAL',
  locationType: 'region',
  storageClass: 'STANDARD',
  metageneration: `${bucket.metageneration}`,
  etag: Buffer.from(`${bucket.metageneration}`).toString('base64'),
  timeCreated: bucket.timeCreated,
  updated: bucket.updated,
  iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
});
