import { collection, mixed, oneOf, requiredDate, requiredText, text } from './collection.ts';

export interface IdempotencyKey {
  /** Who did what: `user:<id>:<function>`, `event:<consumer>`, `hook:<provider>`. */
  readonly scope: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly status: 'running' | 'done';
  readonly response?: { readonly status: number; readonly body: unknown };
  readonly lockedUntil: Date;
  readonly expiresAt: Date;
}

/** Requests, events and notices that were dealt with, with the answer that was given. */
export const IdempotencyKeys = collection<IdempotencyKey>('IdempotencyKey', {
  fields: {
    scope: requiredText,
    key: requiredText,
    bodyHash: text,
    status: oneOf(['running', 'done'], 'running'),
    response: mixed,
    lockedUntil: requiredDate,
    expiresAt: requiredDate,
  },
  indexes: [
    [{ scope: 1, key: 1 }, { unique: true }],
    [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
  ],
  personalData: 'none',
});
