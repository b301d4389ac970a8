import type { Config } from './config.ts';
import type { Resources } from './endpoint.ts';
import type { Logger } from './log.ts';

export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly now: Date;
  readonly eventId: string;
  readonly log: Logger;
}

type BucketVariable = Extract<keyof Config, `${string}_BUCKET`>;

/** Work that follows from a finished object in a bucket. Called at least once for each object. */
export interface Trigger {
  readonly summary: string;
  /** The environment variable that names the bucket. */
  readonly bucket: BucketVariable;
  readonly resources?: Resources;
  readonly handler: (object: StoredObject) => Promise<void>;
}

export interface AnyTrigger extends Trigger {
  readonly kind: 'trigger';
}

export const trigger = (definition: Trigger): AnyTrigger => ({ kind: 'trigger', ...definition });
