import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { resourceOf, type StoredObject } from './objects.ts';
import { readJson, type Store, writeJson } from './store.ts';

interface Announcement {
  readonly id: string;
  readonly time: string;
  readonly object: StoredObject;
  /** The sinks that have answered 2xx. */
  readonly delivered: readonly string[];
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
const patienceMs = 120_000;
const mostAtOnce = 8;

/**
 * Tells the sinks of a bucket about finished objects, as Eventarc does: a binary CloudEvent by
 * POST, at least once. What has not been delivered lies on disk and goes on after a restart, to
 * the sinks the bucket has by then.
 */
export class Announcer {
  readonly #store: Store;
  readonly #folder: string;
  readonly #origin: () => string;
  readonly #waiting: Announcement[] = [];
  readonly #pauses = new Map<string, () => void>();
  #running = 0;

  constructor(store: Store, folder: string, origin: () => string) {
    this.#store = store;
    this.#folder = folder;
    this.#origin = origin;
    mkdirSync(folder, { recursive: true });
    store.onFinalize = (object) => this.#announce(object);
  }

  /** Takes up what an earlier process left. What it announced but never finalized is dropped. */
  resume(): void {
    for (const file of readdirSync(this.#folder)) {
      const path = join(this.#folder, file);
      const left = file.endsWith('.json') ? readJson<Announcement>(path) : undefined;
      const { bucket = '', name = '', generation = 0 } = left?.object ?? {};
      const live = this.#store.hasBucket(bucket) ? this.#store.find(bucket, name) : undefined;
      if (left !== undefined && (live?.generation ?? -1) >= generation) this.#waiting.push(left);
      else rmSync(path, { force: true });
    }
    this.#next();
  }

  /** Ends every pause: the sinks of a bucket have just been told anew. */
  hurry(): void {
    for (const wake of this.#pauses.values()) wake();
  }

  #announce(object: StoredObject): void {
    const { sinks, notifyEvents } = this.#store.bucket(object.bucket);
    if (sinks.length === 0 || !notifyEvents.includes('finalized')) return;
    const announcement = {
      id: randomUUID(),
      time: new Date().toISOString(),
      object,
      delivered: [],
    };
    writeJson(this.#path(announcement.id), announcement);
    this.#waiting.push(announcement);
    // The object comes into being in this very turn; its readers are told in the next.
    setImmediate(() => this.#next());
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #next(): void {
    while (this.#running < mostAtOnce) {
      const announcement = this.#waiting.shift();
      if (announcement === undefined) return;
      this.#running += 1;
      void this.#deliver(announcement).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #deliver(announcement: Announcement): Promise<void> {
    let current = announcement;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const { bucket } = current.object;
      const sinks = this.#store.hasBucket(bucket) ? this.#store.bucket(bucket).sinks : [];
      const urls = sinks.map(({ url }) => url).filter((url) => !current.delivered.includes(url));
      const answers = await Promise.all(
        urls.map(async (url) => ({ url, accepted: await this.#post(url, current) })),
      );
      const accepted = answers.filter((answer) => answer.accepted).map(({ url }) => url);
      if (accepted.length === urls.length) break;
      if (accepted.length > 0) {
        current = { ...current, delivered: [...current.delivered, ...accepted] };
        writeJson(this.#path(current.id), current);
      }
      await this.#pause(current.id, pauseMs);
    }
    rmSync(this.#path(announcement.id), { force: true });
  }

  #pause(id: string, forMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, forMs);
    this.#pauses.set(id, resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#pauses.delete(id);
    });
  }

  async #post(url: string, { id, time, object }: Announcement): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': id,
          'ce-type': 'google.cloud.storage.object.v1.finalized',
          'ce-source': `//storage.googleapis.com/projects/_/buckets/${object.bucket}`,
          'ce-subject': encodeHeader(`objects/${object.name}`),
          'ce-time': time,
          'ce-bucket': object.bucket,
        },
        body: JSON.stringify(resourceOf(object, this.#origin())),
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** CloudEvents over HTTP: everything but printable ASCII is percent-encoded, and so are `"` and `%`. */
const encodeHeader = (text: string) =>
  text.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
