import type { z } from 'zod';

/** The topics of the product; events of one topic share consumers, retention and ordering. */
export const TOPICS = [
  'account',
  'media',
  'caption',
  'content',
  'engagement',
  'product',
  'order',
  'payment',
  'wallet',
  'live',
  'chat',
  'moderation',
  'notify',
  'push',
  'webhook',
  'jobs',
  'dead-letter',
] as const;
export type Topic = (typeof TOPICS)[number];

/** The type of a declaration that hears every event of its topic. */
export const ANY_TYPE = '*';

/** Something that happened, in the past tense. It carries ids and small facts, never documents. */
export interface EventType<Type extends string = string, Data extends z.ZodObject = z.ZodObject> {
  readonly kind: 'event';
  /** `content.liked` */
  readonly type: Type;
  readonly topic: Topic;
  readonly data: Data;
  /** The subject of the event: what it is and which field of the data says which one. */
  readonly subject: readonly [type: string, field: string & keyof z.infer<Data>];
  /** The field whose value orders events among each other; none when order does not matter. */
  readonly orderedBy?: string & keyof z.infer<Data>;
}

export type DataOf<Event> = Event extends EventType<string, infer Data> ? z.infer<Data> : never;

export const event = <const Type extends string, Data extends z.ZodObject>(
  definition: Omit<EventType<Type, Data>, 'kind'>,
): EventType<Type, Data> => ({ kind: 'event', ...definition });

/** What travels on a topic. */
export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly key: string;
  readonly actor?: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly trace?: string;
}
