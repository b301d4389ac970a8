import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Sums } from './digest.ts';
import {
  type Attributes,
  type Bucket,
  bucketNamed,
  demand,
  objectNamed,
  type Preconditions,
  type StoredObject,
} from './objects.ts';
import { noSuchBucket, noSuchObject, Refusal } from './refusal.ts';

export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  /** A finished file of this store's own `uploads` folder; it is moved, not copied. */
  readonly part: string;
  readonly sums: Omit<Sums, 'md5Hash'> & { readonly md5Hash?: string };
  readonly componentCount?: number;
  readonly attributes: Attributes;
  readonly preconditions: Preconditions;
}

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly startOffset: string;
  readonly endOffset: string;
  readonly pageToken: string;
  readonly maxResults: number;
}

/**
 * Objects on disk: bytes in `blobs/<generation>`, what is known about them in one small file named
 * by the hash of the object's name. That file, renamed into place, is what makes an object exist:
 * whatever a crash interrupts is either wholly there or was never there.
 */
export class Store {
  readonly #root: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #objects = new Map<string, Map<string, StoredObject>>();
  #lastGeneration = 0;
  /** Called before an object comes into being, with what will be. */
  onFinalize: (object: StoredObject) => void = () => {};

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, 'uploads'), { recursive: true });
    mkdirSync(join(root, 'buckets'), { recursive: true });
    for (const name of readdirSync(join(root, 'buckets'))) this.#load(name);
  }

  #load(name: string): void {
    const folder = join(this.#root, 'buckets', name);
    if (!existsSync(join(folder, 'bucket.json'))) return;
    const objects = new Map<string, StoredObject>();
    for (const file of readdirSync(join(folder, 'objects'))) {
      if (!file.endsWith('.json')) continue;
      const object = readJson<StoredObject>(join(folder, 'objects', file));
      objects.set(object.name, object);
      this.#lastGeneration = Math.max(this.#lastGeneration, object.generation);
    }
    const live = new Set([...objects.values()].map(({ generation }) => `${generation}`));
    for (const blob of readdirSync(join(folder, 'blobs'))) {
      if (!live.has(blob)) unlinkSync(join(folder, 'blobs', blob));
    }
    this.#buckets.set(name, readJson<Bucket>(join(folder, 'bucket.json')));
    this.#objects.set(name, objects);
  }

  /** A path for bytes that are not an object yet. */
  partPath(id: string = randomUUID()): string {
    return join(this.#root, 'uploads', `${id}.part`);
  }

  buckets(): readonly Bucket[] {
    return [...this.#buckets.values()];
  }

  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw noSuchBucket();
    return bucket;
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** Makes the bucket if it is new, else changes it. */
  saveBucket(name: string, change: Partial<Pick<Bucket, 'public' | 'sinks' | 'notifyEvents'>>) {
    const before = this.#buckets.get(bucketNamed(name));
    const now = new Date().toISOString();
    const bucket: Bucket = {
      public: false,
      sinks: [],
      notifyEvents: ['finalized'],
      timeCreated: now,
      ...before,
      ...change,
      name,
      updated: now,
      metageneration: (before?.metageneration ?? 0) + 1,
    };
    const folder = join(this.#root, 'buckets', name);
    mkdirSync(join(folder, 'objects'), { recursive: true });
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    writeJson(join(folder, 'bucket.json'), bucket);
    this.#buckets.set(name, bucket);
    if (before === undefined) this.#objects.set(name, new Map());
    return bucket;
  }

  deleteBucket(name: string): void {
    if (this.#of(name).size > 0) {
      throw new Refusal(
        409,
        'BucketNotEmpty',
        'conflict',
        'The bucket you tried to delete is not empty.',
      );
    }
    rmSync(join(this.#root, 'buckets', name), { recursive: true });
    this.#buckets.delete(name);
    this.#objects.delete(name);
  }

  #of(bucket: string): Map<string, StoredObject> {
    const objects = this.#objects.get(bucket);
    if (objects === undefined) throw noSuchBucket();
    return objects;
  }

  find(bucket: string, name: string): StoredObject | undefined {
    return this.#of(bucket).get(name);
  }

  /** Throws 404 when there is no such object, or only of another generation. */
  get(bucket: string, name: string, generation?: string | null): StoredObject {
    const object = this.find(bucket, name);
    const wanted = generation === undefined || generation === null || generation === '';
    if (object === undefined || !(wanted || `${object.generation}` === generation)) {
      throw noSuchObject(bucket, name);
    }
    return object;
  }

  blobPath({ bucket, generation }: StoredObject): string {
    return join(this.#root, 'buckets', bucket, 'blobs', `${generation}`);
  }

  #metaPath(bucket: string, name: string): string {
    const hash = createHash('sha256').update(name).digest('hex');
    return join(this.#root, 'buckets', bucket, 'objects', `${hash}.json`);
  }

  /** Turns a finished part into an object. Nothing else runs between the check and the change. */
  finalize({ bucket, name, part, sums, attributes, preconditions, ...rest }: NewObject) {
    const objects = this.#of(bucket);
    const before = objects.get(objectNamed(name));
    demand(before, preconditions);
    const now = new Date();
    this.#lastGeneration = Math.max(now.getTime() * 1000, this.#lastGeneration + 1);
    const object: StoredObject = {
      contentType: 'application/octet-stream',
      ...attributes,
      ...sums,
      ...rest,
      bucket,
      name,
      generation: this.#lastGeneration,
      metageneration: 1,
      timeCreated: now.toISOString(),
      updated: now.toISOString(),
    };
    renameSync(part, this.blobPath(object));
    this.onFinalize(object);
    writeJson(this.#metaPath(bucket, name), object);
    objects.set(name, object);
    if (before !== undefined) unlinkSync(this.blobPath(before));
    return object;
  }

  /** Replaces the attributes of an object and leaves its bytes alone. */
  update(before: StoredObject, attributes: Attributes, preconditions: Preconditions) {
    demand(before, preconditions);
    const { bucket, name, generation, size, crc32c, md5Hash, componentCount, timeCreated } = before;
    const object: StoredObject = {
      ...attributes,
      ...(md5Hash === undefined ? {} : { md5Hash }),
      ...(componentCount === undefined ? {} : { componentCount }),
      bucket,
      name,
      generation,
      size,
      crc32c,
      timeCreated,
      metageneration: before.metageneration + 1,
      updated: new Date().toISOString(),
    };
    writeJson(this.#metaPath(bucket, name), object);
    this.#of(bucket).set(name, object);
    return object;
  }

  remove(object: StoredObject, preconditions: Preconditions): void {
    demand(object, preconditions);
    unlinkSync(this.#metaPath(object.bucket, object.name));
    this.#of(object.bucket).delete(object.name);
    unlinkSync(this.blobPath(object));
  }

  list(bucket: string, query: ListQuery) {
    const { prefix, delimiter, startOffset, endOffset, pageToken, maxResults } = query;
    const names = [...this.#of(bucket).keys()]
      .filter((name) => name.startsWith(prefix))
      .filter((name) => name >= startOffset && (endOffset === '' || name < endOffset))
      .sort();
    const items: StoredObject[] = [];
    const prefixes: string[] = [];
    for (const name of names) {
      const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
      const shown = cut < 0 ? name : name.slice(0, cut + delimiter.length);
      if (shown <= pageToken || shown === prefixes.at(-1)) continue;
      if (items.length + prefixes.length >= maxResults) {
        const last = [items.at(-1)?.name ?? '', prefixes.at(-1) ?? ''].sort()[1] ?? '';
        return { items, prefixes, nextPageToken: last };
      }
      if (cut < 0) items.push(this.get(bucket, name));
      else prefixes.push(shown);
    }
    return { items, prefixes };
  }
}

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** Whoever reads the path sees the old text or the new one, never half of either. */
export function writeJson(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(value));
  renameSync(draft, path);
}
