import type { Resources } from './endpoint.ts';
import type { DataOf, EventType } from './event.ts';
import type { Logger } from './log.ts';

interface Circumstances {
  /** The same for every delivery of this event; the idempotency key towards other companies. */
  readonly eventId: string;
  readonly occurredAt: Date;
  readonly attempt: number;
  /** What Pub/Sub carries beside the event. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly now: Date;
  readonly log: Logger;
}

/** One event as a handler gets it; where several are heard, `type` tells which. */
export type Delivery<Event extends EventType> = Event extends EventType
  ? Circumstances & { readonly type: Event['type']; readonly data: DataOf<Event> }
  : never;

type Events = readonly [EventType, ...EventType[]];

/**
 * Background work that follows from events. It may be called twice, late and out of order: a
 * consumer reads the current state and does what is still missing.
 */
export interface Consumer<Heard extends Events = Events> {
  /** One sentence in the imperative. */
  readonly summary: string;
  /** The events it hears; all of one topic. */
  readonly on: Heard;
  /**
   * `database`: runs in one transaction with the mark that it ran, so twice becomes once.
   * `outside`: touches other systems, outside any transaction, and is repeatable by itself.
   */
  readonly effect: 'database' | 'outside';
  /** Deliveries before the event becomes a dead letter; 8 unless said. */
  readonly maxAttempts?: number;
  readonly resources?: Resources;
  readonly handler: (delivery: Delivery<Heard[number]>) => Promise<void>;
}

export interface AnyConsumer extends Omit<Consumer, 'handler'> {
  readonly kind: 'consumer';
  readonly handler: (delivery: never) => Promise<void>;
}

export const DEFAULT_MAX_ATTEMPTS = 8;

export const consumer = <const Heard extends Events>(definition: Consumer<Heard>) =>
  ({ kind: 'consumer', ...definition }) as const;
