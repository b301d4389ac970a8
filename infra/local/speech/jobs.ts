import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One recognition, kept in a file from the moment it was accepted. */
export interface Job {
  readonly id: string;
  /** `projects/…/locations/…/operations/<id>`. */
  readonly operation: string;
  readonly audioUri: string;
  /** Where results go: `gs://bucket/prefix`. */
  readonly outputUri: string;
  readonly language: string;
  readonly punctuated: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly outcome?: Outcome;
}

export type Outcome =
  | { readonly resultUri: string }
  | { readonly code: number; readonly message: string };

export type NewJob = Omit<Job, 'id' | 'operation' | 'createdAt' | 'updatedAt' | 'outcome'>;

const KEPT = 500;

/** The operations of the service: done one at a time in the order they came, also across restarts. */
export class Jobs {
  readonly #folder: string;
  readonly #jobs = new Map<string, Job>();
  /** Never rejects: what goes wrong is an outcome too. */
  readonly #work: (job: Job) => Promise<Outcome>;
  #working = false;
  #closed = false;

  private constructor(folder: string, work: (job: Job) => Promise<Outcome>) {
    this.#folder = folder;
    this.#work = work;
  }

  static async open(folder: string, work: (job: Job) => Promise<Outcome>): Promise<Jobs> {
    await mkdir(folder, { recursive: true });
    const jobs = new Jobs(folder, work);
    const found: Job[] = [];
    for (const file of await readdir(folder)) {
      if (file.endsWith('.json'))
        found.push(JSON.parse(await readFile(join(folder, file), 'utf8')));
    }
    found.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
    for (const job of found) jobs.#jobs.set(job.operation, job);
    jobs.#wake();
    return jobs;
  }

  get waiting(): number {
    return this.#pending().length;
  }

  find(operation: string): Job | undefined {
    return this.#jobs.get(operation);
  }

  async add(parent: string, wanted: NewJob): Promise<Job> {
    const id = randomUUID();
    const now = new Date().toISOString();
    const operation = `${parent}/operations/${id}`;
    const job: Job = { ...wanted, id, operation, createdAt: now, updatedAt: now };
    await this.#keep(job);
    await this.#forget();
    this.#wake();
    return job;
  }

  /** Begins nothing more. What is under way is done again after the next start. */
  close(): void {
    this.#closed = true;
  }

  #pending(): Job[] {
    return [...this.#jobs.values()].filter(({ outcome }) => !outcome);
  }

  #wake(): void {
    if (this.#working || this.#closed) return;
    this.#working = true;
    void this.#drain().finally(() => {
      this.#working = false;
      // One may have come in while the last was being put away.
      if (this.waiting > 0) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    for (let [job] = this.#pending(); job && !this.#closed; [job] = this.#pending()) {
      const outcome = await this.#work(job);
      if (!this.#closed) await this.#keep({ ...job, outcome, updatedAt: new Date().toISOString() });
    }
  }

  async #keep(job: Job): Promise<void> {
    const file = join(this.#folder, `${job.id}.json`);
    await writeFile(`${file}.new`, JSON.stringify(job));
    await rename(`${file}.new`, file);
    this.#jobs.set(job.operation, job);
  }

  async #forget(): Promise<void> {
    const done = [...this.#jobs.values()].filter(({ outcome }) => outcome);
    for (const { id, operation } of done.slice(0, Math.max(0, done.length - KEPT))) {
      this.#jobs.delete(operation);
      await rm(join(this.#folder, `${id}.json`), { force: true });
    }
  }
}
