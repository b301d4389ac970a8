import { createHash } from 'node:crypto';
import type { DocumentReference, Firestore } from '@google-cloud/firestore';
import { config } from '#platform/config.ts';

let client: Promise<Firestore> | undefined;

/** Loading the library costs a cold start, so a function that shares no state never does. */
const firestore = (): Promise<Firestore> =>
  (client ??= import('@google-cloud/firestore').then(
    ({ Firestore }) => new Firestore({ projectId: config().GOOGLE_CLOUD_PROJECT }),
  ));

const longestKey = 400;

/** Keys may be anything; document ids may not hold a slash, be a dot, or be long. */
function documentId(key: string): string {
  const plain = `k${encodeURIComponent(key)}`;
  if (plain.length <= longestKey) return plain;
  return `h${createHash('sha256').update(key).digest('hex')}`;
}

const documentOf = async (collection: string, key: string): Promise<DocumentReference> =>
  (await firestore()).collection(collection).doc(documentId(key));

export interface Increment {
  readonly by: number;
  /** When the counter may be forgotten. */
  readonly expiresAt: Date;
}

/**
 * Adds to a counter and returns its new value, atomically however many callers race: one commit
 * with an increment transform, where a transaction would stall under contention. A counter is not
 * reset by its expiry, so a key names its window.
 */
export async function increment(
  collection: string,
  key: string,
  { by, expiresAt }: Increment,
): Promise<number> {
  const raw = (await firestore()) as unknown as RawFirestore;
  const { formattedName } = (await documentOf(collection, key)) as unknown as RawDocument;
  await raw.initializeIfNeeded(tag);
  const { writeResults } = await raw.request<CommitAnswer>(
    'commit',
    {
      database: raw.formattedName,
      writes: [
        {
          update: {
            name: formattedName,
            fields: { expiresAt: { timestampValue: timestampOf(expiresAt) } },
          },
          updateMask: { fieldPaths: ['expiresAt'] },
          updateTransforms: [{ fieldPath: 'count', increment: { integerValue: by } }],
        },
      ],
    },
    tag,
  );
  return Number(writeResults[0]?.transformResults[0]?.integerValue);
}

const tag = 'increment';

/**
 * The library's own funnel for requests. Its typed methods discard what a transform returns, and
 * its generated client does not obey the library's environment variables.
 */
interface RawFirestore {
  readonly formattedName: string;
  initializeIfNeeded(tag: string): Promise<void>;
  request<Answer>(method: 'commit', request: object, tag: string): Promise<Answer>;
}

interface RawDocument {
  readonly formattedName: string;
}

interface CommitAnswer {
  readonly writeResults: readonly {
    readonly transformResults: readonly { readonly integerValue?: string | number }[];
  }[];
}

const timestampOf = (time: Date) => ({
  seconds: Math.floor(time.getTime() / 1000),
  nanos: (time.getTime() % 1000) * 1_000_000,
});

/** Stores a JSON value, replacing what was there. */
export async function put(
  collection: string,
  key: string,
  value: unknown,
  expiresAt: Date,
): Promise<void> {
  await (await documentOf(collection, key)).set({ value: JSON.stringify(value), expiresAt });
}

/** A value, or a counter's number; undefined when there is none or it has expired by `now`. */
export async function get(collection: string, key: string, now: Date): Promise<unknown> {
  const snapshot = await (await documentOf(collection, key)).get();
  return snapshot.exists ? living(snapshot.data() as Stored, now) : undefined;
}

interface Stored {
  readonly value?: string;
  readonly count?: number;
  readonly expiresAt: { toMillis(): number };
}

/** Google deletes expired documents late, up to a day: until then only this tells. */
function living({ value, count, expiresAt }: Stored, now: Date): unknown {
  if (expiresAt.toMillis() <= now.getTime()) return undefined;
  return value === undefined ? count : JSON.parse(value);
}

/** Stores a value unless one is there that has not expired. Of many callers at once, one gets true. */
export async function putIfAbsent(
  collection: string,
  key: string,
  value: unknown,
  expiresAt: Date,
  now: Date,
): Promise<boolean> {
  const document = await documentOf(collection, key);
  const fields = { value: JSON.stringify(value), expiresAt };
  if (await succeeds(document.create(fields), alreadyExists)) return true;
  const snapshot = await document.get();
  if (!snapshot.exists) return succeeds(document.create(fields), alreadyExists);
  if (living(snapshot.data() as Stored, now) !== undefined) return false;
  const { updateTime } = snapshot;
  if (updateTime === undefined) return false;
  // Only over the very document that was seen to be expired: another caller may have been faster.
  const unchanged = { lastUpdateTime: updateTime };
  return succeeds(document.update(fields, unchanged), failedPrecondition);
}

const alreadyExists = 6;
const notFound = 5;
const failedPrecondition = 9;

/** False when the write lost to another; any other failure is thrown. */
async function succeeds(write: Promise<unknown>, lost: number): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? problem.code : undefined;
    if (code === lost || code === notFound) return false;
    throw problem;
  }
}

/** Forgets a value or a counter. Absence is no error. */
export async function remove(collection: string, key: string): Promise<void> {
  await (await documentOf(collection, key)).delete();
}

/** Lets go of the connection; the next call opens a new one. */
export async function closeFirestore(): Promise<void> {
  const open = client;
  client = undefined;
  await (await open)?.terminate();
}
