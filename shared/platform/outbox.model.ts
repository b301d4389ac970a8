import {
  collection,
  date,
  mixed,
  oneOf,
  part,
  requiredDate,
  requiredText,
  requiredWhole,
  text,
  whole,
} from './collection.ts';
import type { Envelope, Topic } from './event.ts';

export interface DeadLetter {
  readonly consumer: string;
  readonly attempts: number;
  readonly error: string;
  readonly at: Date;
  readonly replayedAt?: Date;
}

export interface OutboxEvent {
  readonly topic: Topic;
  readonly type: string;
  readonly key: string;
  readonly seq: number;
  readonly payload: Envelope;
  readonly status: 'pending' | 'published';
  readonly attempts: number;
  readonly publishedAt?: Date;
  /** Consumers that gave up on this event. `dead` is true while one of them has not been replayed. */
  readonly deadLetters: readonly DeadLetter[];
  readonly dead?: boolean;
}

/** Events committed with the state they tell of. Kept 14 days, so that they can be replayed. */
export const OutboxEvents = collection<OutboxEvent>('OutboxEvent', {
  fields: {
    topic: requiredText,
    type: requiredText,
    key: requiredText,
    seq: requiredWhole,
    payload: { ...mixed, required: true },
    status: oneOf(['pending', 'published'], 'pending'),
    attempts: { ...whole, default: 0 },
    publishedAt: date,
    deadLetters: {
      type: [
        part({
          consumer: requiredText,
          attempts: requiredWhole,
          error: text,
          at: requiredDate,
          replayedAt: date,
        }),
      ],
      default: [],
    },
    dead: { type: Boolean },
  },
  indexes: [
    [{ status: 1, createdAt: 1, _id: 1 }], // relayOutbox
    [{ key: 1, seq: 1 }], // replay of one subject's history, in order
    [{ dead: 1, _id: -1 }, { partialFilterExpression: { dead: true } }], // deadLetters
    [{ publishedAt: 1 }, { expireAfterSeconds: 14 * 86_400 }],
  ],
  personalData: 'none',
});
