import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Digest } from './digest.ts';
import type { Attributes, Preconditions, StoredObject } from './objects.ts';
import { append, type ByteRange, demandSums } from './receive.ts';
import { badRequest, Refusal, tooLarge, tooSmall } from './refusal.ts';
import { readJson, type Store, writeJson } from './store.ts';

export interface NewSession {
  readonly bucket: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly preconditions: Preconditions;
  /** From `x-upload-content-length`: exactly this many bytes must come. */
  readonly declaredBytes?: number;
  /** From `x-goog-content-length-range`. */
  readonly range?: ByteRange;
  readonly said: { readonly crc32c?: unknown; readonly md5Hash?: unknown };
}

interface Session extends NewSession {
  readonly id: string;
  readonly started: string;
  readonly done?: StoredObject;
}

interface Live {
  session: Session;
  /** Absent after a restart, until the bytes on disk have been summed again. */
  digest?: Digest;
  /** Ends the request that is writing now, and settles when it has let go of the file. */
  interrupt?: () => Promise<void>;
}

/** One request to a session, as its Content-Range describes it. */
export interface Chunk {
  readonly start: number;
  /** Undefined: whatever comes. */
  readonly end?: number;
  readonly total?: number;
  readonly source: AsyncIterable<Buffer>;
  /** Ends the source, because another request takes over. */
  readonly abort: () => void;
  readonly said: { readonly crc32c?: unknown; readonly md5Hash?: unknown };
}

export type Progress =
  | { readonly complete: true; readonly object: StoredObject }
  | { readonly complete: false; readonly received: number };

const quantum = 256 * 1024;
const lifeMs = 7 * 24 * 3600_000;

const unknownSession = () =>
  new Refusal(404, 'NoSuchUpload', 'notFound', 'The requested upload was not found.');

/** Resumable upload sessions. Both what was promised and the bytes so far survive a kill. */
export class Sessions {
  readonly #store: Store;
  readonly #live = new Map<string, Live>();

  constructor(store: Store) {
    this.#store = store;
    const folder = dirname(store.partPath());
    const files = new Set(readdirSync(folder));
    for (const file of files) {
      const path = join(folder, file);
      if (file.endsWith('.json')) {
        const session = readJson<Session>(path);
        if (Date.now() - Date.parse(session.started) < lifeMs) {
          this.#live.set(session.id, { session });
          continue;
        }
        rmSync(store.partPath(session.id), { force: true });
      } else if (files.has(file.replace(/\.part$/, '.json'))) continue;
      rmSync(path, { force: true });
    }
  }

  async start(asked: NewSession): Promise<string> {
    const id = randomBytes(32).toString('base64url');
    const session = { ...asked, id, started: new Date().toISOString() };
    await writeFile(this.#store.partPath(id), '');
    this.#save({ session, digest: new Digest() });
    return id;
  }

  #save(live: Live): void {
    this.#live.set(live.session.id, live);
    writeJson(this.#path(live.session.id), live.session);
  }

  #path(id: string): string {
    return this.#store.partPath(id).replace(/\.part$/, '.json');
  }

  #get(id: string): Live {
    const live = this.#live.get(id);
    if (live === undefined) throw unknownSession();
    return live;
  }

  /** Where the session writes, and whose name it will have. */
  target(id: string): NewSession {
    return this.#get(id).session;
  }

  cancel(id: string): void {
    const { session, interrupt } = this.#get(id);
    void interrupt?.();
    this.#live.delete(id);
    rmSync(this.#path(id), { force: true });
    if (session.done === undefined) rmSync(this.#store.partPath(id), { force: true });
  }

  /** How far it is. With the total, an upload whose last answer was lost is completed. */
  async status(id: string, total: number | undefined): Promise<Progress> {
    const live = this.#get(id);
    if (live.session.done !== undefined) return { complete: true, object: live.session.done };
    const received = statSync(this.#store.partPath(id)).size;
    if (total === undefined || total !== received || live.interrupt !== undefined) {
      return { complete: false, received };
    }
    return this.#finish(live, {});
  }

  /** Takes bytes. Throws 400 for more than was declared, 412 when the object exists against the promise. */
  async write(id: string, chunk: Chunk): Promise<Progress> {
    const live = this.#get(id);
    if (live.session.done !== undefined) return { complete: true, object: live.session.done };
    const { declaredBytes, range } = live.session;
    const { start, end, total } = chunk;
    if (declaredBytes !== undefined && total !== undefined && total !== declaredBytes) {
      throw badRequest(`The upload was declared with ${declaredBytes} bytes, not ${total}.`);
    }
    const last = end === undefined || end + 1 === (total ?? declaredBytes);
    if (!last && (end + 1 - start) % quantum !== 0) {
      throw badRequest('Every chunk but the last must be a multiple of 262144 bytes.');
    }
    while (live.interrupt !== undefined) await live.interrupt();
    const limit = Math.min(
      declaredBytes ?? Number.MAX_SAFE_INTEGER,
      range?.max ?? Number.MAX_SAFE_INTEGER,
      total ?? Number.MAX_SAFE_INTEGER,
      end === undefined ? Number.MAX_SAFE_INTEGER : end + 1,
    );
    if (total !== undefined && range !== undefined && total > range.max) throw tooLarge(range.max);
    const received = await this.#append(live, chunk, limit);
    const whole = total ?? declaredBytes ?? (end === undefined ? received : undefined);
    if (received !== whole) return { complete: false, received };
    return this.#finish(live, chunk.said);
  }

  async #append(live: Live, { start, source, abort }: Chunk, limit: number): Promise<number> {
    const path = this.#store.partPath(live.session.id);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    live.interrupt = async () => {
      abort();
      await released;
    };
    try {
      live.digest ??= await Digest.ofFile(path);
      const skip = live.digest.size - start;
      if (skip < 0) throw badRequest(`The next byte expected is ${live.digest.size}.`);
      await append({ path, digest: live.digest, source, skip, limit });
      return live.digest.size;
    } finally {
      delete live.interrupt;
      release();
    }
  }

  async #finish(live: Live, said: Chunk['said']): Promise<Progress> {
    const { session } = live;
    const { id, bucket, name, attributes, preconditions, range } = session;
    const part = this.#store.partPath(id);
    live.digest ??= await Digest.ofFile(part);
    if (live.session.done !== undefined) return { complete: true, object: live.session.done };
    const sums = live.digest.sums();
    try {
      if (range !== undefined && sums.size < range.min) throw tooSmall(range.min);
      demandSums(sums, session.said);
      demandSums(sums, said);
      const object = this.#store.finalize({ bucket, name, part, sums, attributes, preconditions });
      live.session = { ...session, done: object };
      this.#save(live);
      return { complete: true, object };
    } catch (problem) {
      if (problem instanceof Refusal) this.#abandon(id);
      throw problem;
    }
  }

  /** A finished upload that was refused can never succeed: its bytes need not be kept. */
  #abandon(id: string): void {
    this.#live.delete(id);
    rmSync(this.#path(id), { force: true });
    unlinkSync(this.#store.partPath(id));
  }
}
